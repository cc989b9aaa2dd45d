"""What is done about one person: let in or kept out, asked for more, let back in, forgotten."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField

from app.account import support_recovery as recovery
from app.account.support_recovery import Unreachable
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.user_frame import SECTION, about, draw_person, person_of
from app.database import write
from app.directory import (
    people_status,
    required_factors,
    required_passwords,
    support_recovery,
    welcomes,
)
from app.directory.errors import NotFound

_ONE = "/<tenant_slug>/users/<user_id>"


class NewPassword(Form):
    """Whether everything ends at once."""

    ends_sessions = BooleanField(
        "console.users.ends_sessions", description="console.users.ends_sessions_hint"
    )


class Recovery(Form):
    """Why support lets somebody in again."""

    reason = TextAreaField(
        "console.users.recovery_reason",
        validators=[Needed(), AtMost(500)],
        description="console.users.recovery_reason_hint",
    )


@blueprint.route(f"{_ONE}/block", methods=["GET", "POST"])
@for_admin("user.disable")
def block_user(admin: Admin, user_id: str) -> Response:
    """Ask once, then let them sign in no more."""
    person = person_of(admin, user_id)
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            people_status.disable(session, admin.actor, user_id)
        return done(admin, person.path, "console.users.blocked")
    return confirm(admin, SECTION, about(person, "console.users.block"), back=person.path)


@blueprint.post(f"{_ONE}/unblock")
@for_admin("user.enable")
def unblock_user(admin: Admin, user_id: str) -> Response:
    """Let them sign in again."""
    person = person_of(admin, user_id)
    with write(admin.tenant.id) as session:
        people_status.enable(session, admin.actor, user_id)
    return done(admin, person.path, "console.users.unblocked")


@blueprint.route(f"{_ONE}/require-password", methods=["GET", "POST"])
@for_admin("user.require_password")
def require_password(admin: Admin, user_id: str) -> Response:
    """Have them choose another password at the next sign-in; everything may end now."""
    person = person_of(admin, user_id)
    form = NewPassword(request.form)
    if request.method == "POST":
        try:
            with write(admin.tenant.id) as session:
                required_passwords.require(
                    session, admin.actor, user_id, ends_sessions=bool(form.ends_sessions.data)
                )
            return done(admin, person.path, "console.users.password_required")
        except required_passwords.NoPassword as refusal:
            form.refuse(None, str(refusal))
    status = 422 if request.method == "POST" else 200
    title = about(person, "console.users.require_password.title")
    return draw_person(
        admin,
        person,
        "credentials",
        "users/require_password",
        title=title,
        form=form,
        status=status,
    )


@blueprint.post(f"{_ONE}/keep-password")
@for_admin("user.require_password")
def keep_password(admin: Admin, user_id: str) -> Response:
    """They may keep the password after all."""
    person = person_of(admin, user_id)
    with write(admin.tenant.id) as session:
        required_passwords.withdraw(session, admin.actor, user_id)
    return done(admin, person.path, "console.users.password_kept")


@blueprint.post(f"{_ONE}/require-mfa")
@for_admin("user.require_mfa")
def require_mfa(admin: Admin, user_id: str) -> Response:
    """Ask a second factor of them, whatever is asked of everybody; or no more."""
    person, wanted = person_of(admin, user_id), request.form.get("required") == "yes"
    with write(admin.tenant.id) as session:
        required_factors.of_user(session, admin.actor, user_id, required=wanted)
    told = "console.users.mfa_required" if wanted else "console.users.mfa_not_required"
    return done(admin, f"{person.path}/credentials", told)


@blueprint.post(f"{_ONE}/welcome")
@for_admin("user.welcome")
def welcome_user(admin: Admin, user_id: str) -> Response:
    """Send the mail again by which somebody begins the account."""
    person = person_of(admin, user_id)
    if not person.is_active or person.email is None:
        raise NotFound("active user with an address")
    with write(admin.tenant.id) as session:
        welcomes.send(session, admin.actor, admin.tenant, user_id)
    return done(admin, person.path, "console.users.welcomed")


@blueprint.route(f"{_ONE}/recovery", methods=["GET", "POST"])
@for_admin("user.start_recovery", fresh=True)
def start_recovery(admin: Admin, user_id: str) -> Response:
    """Begin to let in somebody who lost every second factor: the person hears of it at once, and
    finishes it after the tenant's delay."""
    person = person_of(admin, user_id)
    form = Recovery(request.form)
    if request.method == "POST" and form.validate():
        try:
            recovery.start(admin.tenant, admin.actor, user_id, str(form.reason.data))
            return done(admin, f"{person.path}/credentials", "console.users.recovery_started")
        except (Unreachable, NotFound) as refusal:
            form.refuse(None, str(refusal))
    hours = -(-admin.tenant.settings.policy.support_recovery_delay // 3_600)
    return draw_person(
        admin,
        person,
        "credentials",
        "users/recovery",
        title=about(person, "console.users.recovery.title"),
        form=form,
        hours=hours,
        status=422 if request.method == "POST" else 200,
    )


@blueprint.post(f"{_ONE}/recovery/cancel")
@for_admin("user.void_recovery")
def cancel_recovery(admin: Admin, user_id: str) -> Response:
    """Call off what support started."""
    person = person_of(admin, user_id)
    with write(admin.tenant.id) as session:
        support_recovery.void(session, admin.actor, user_id, "cancelled")
    return done(admin, f"{person.path}/credentials", "console.users.recovery_cancelled")
