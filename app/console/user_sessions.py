"""Where one person is signed in: one session ended, or all as they were seen; trust and grants
taken back."""

from flask import request
from werkzeug.wrappers import Response

from app.account import administered
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.user_frame import SECTION, Shown, about, draw_person, person_of
from app.database import read, write
from app.directory import (
    devices,
    grants,
    linked_identities,
    session_revocation,
    sessions,
    trusted_devices,
)
from app.directory.errors import NotFound
from app.directory.session_revocation import BECAUSE, Changed
from app.directory.ways_in import LastWayIn
from app.flow.screen import Text

_ONE = "/<tenant_slug>/users/<user_id>"


@blueprint.route(f"{_ONE}/sessions/<session_id>/end", methods=["GET", "POST"])
@for_admin("session.end")
def end_session(admin: Admin, user_id: str, session_id: str) -> Response:
    """Ask once, then end one session with the tokens that came of it."""
    person, back = person_of(admin, user_id), f"/users/{user_id}/sessions"
    with read(admin.tenant.id) as session:
        live = {each.id: each for each in sessions.list_of_user(session, user_id)}
    if session_id not in live:
        raise NotFound("session")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            sessions.end(session, admin.actor, session_id, BECAUSE)
        return done(admin, back, "console.users.session_ended")
    found = live[session_id]
    device = str(devices.Device(found.software, found.system))
    return confirm(
        admin, SECTION, about(person, "console.users.end_session", device=device), back=back
    )


@blueprint.route(f"{_ONE}/sessions/end", methods=["GET", "POST"])
@for_admin("session.end")
def end_all_sessions(admin: Admin, user_id: str) -> Response:
    """Say how much would end, ask, and end it only if it is still so; else ask again."""
    person, back = person_of(admin, user_id), f"/users/{user_id}/sessions"
    if request.method == "POST":
        try:
            with write(admin.tenant.id) as session:
                session_revocation.end_all(
                    session,
                    admin.actor,
                    admin.tenant,
                    user_id,
                    expected=request.form.get("expected", ""),
                )
        except Changed:
            return _ask_all(admin, person, "console.users.end_all_again", 409)
        return done(admin, back, "console.users.all_ended")
    return _ask_all(admin, person, "console.users.end_all", 200)


@blueprint.route(f"{_ONE}/devices/<device_id>/end", methods=["GET", "POST"])
@for_admin("device.end_trust")
def end_trust(admin: Admin, user_id: str, device_id: str) -> Response:
    """Ask once, then ask for the second factor on that browser again."""
    person, back = person_of(admin, user_id), f"/users/{user_id}/sessions"
    with read(admin.tenant.id) as session:
        trusted = trusted_devices.list_of_user(session, admin.tenant, user_id)
    found = next((each for each in trusted if each.id == device_id), None)
    if found is None:
        raise NotFound("trusted device")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            trusted_devices.end(session, admin.actor, user_id, device_id)
        return done(admin, back, "console.users.trust_ended")
    question = about(person, "console.users.end_trust", device=found.label)
    return confirm(admin, SECTION, question, back=back)


@blueprint.route(f"{_ONE}/apps/<grant_id>/revoke", methods=["GET", "POST"])
@for_admin("grant.revoke")
def revoke_grant(admin: Admin, user_id: str, grant_id: str) -> Response:
    """Ask once, then take back what they allowed an application."""
    person, back = person_of(admin, user_id), f"/users/{user_id}/apps"
    with read(admin.tenant.id) as session:
        allowed = grants.list_of_user(session, user_id)
    found = next((each for each in allowed if each.id == grant_id), None)
    if found is None:
        raise NotFound("grant")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            grants.revoke(session, admin.actor, grant_id)
        return done(admin, back, "console.users.grant_revoked")
    question = about(person, "console.users.revoke_grant", app=found.client_name)
    return confirm(admin, SECTION, question, back=back)


@blueprint.route(f"{_ONE}/identities/<identity_id>/unlink", methods=["GET", "POST"])
@for_admin("identity.unlink")
def unlink_identity(admin: Admin, user_id: str, identity_id: str) -> Response:
    """Ask once, then untie them from a provider; the last way in stays."""
    person, back = person_of(admin, user_id), f"/users/{user_id}/identities"
    with read(admin.tenant.id) as session:
        linked = linked_identities.of_user(session, user_id)
    found = next((each for each in linked if each.id == identity_id), None)
    if found is None:
        raise NotFound("identity")
    if request.method == "POST":
        try:
            administered.unlink(admin.tenant, admin.actor, user_id, identity_id)
        except LastWayIn:
            return last_way_in(admin, person, "identities")
        return done(admin, back, "console.users.unlinked")
    question = about(person, "console.users.unlink", provider=found.connection_name)
    return confirm(admin, SECTION, question, back=back)


def last_way_in(admin: Admin, person: Shown, tab: str) -> Response:
    """The page that says why it stays, and what can be done instead."""
    title = about(person, "console.users.last_way_in.title")
    return draw_person(admin, person, tab, "users/last_way_in", title=title, status=409)


def _ask_all(admin: Admin, person: Shown, text_id: str, status: int) -> Response:
    with read(admin.tenant.id) as session:
        seen = session_revocation.preview(session, admin.tenant, person.id)
    values = {"sessions": seen.sessions, "apps": seen.apps, "devices": seen.devices}
    question: Text = about(person, text_id, **values)
    return confirm(
        admin,
        SECTION,
        question,
        back=f"{person.path}/sessions",
        fields={"expected": seen.mark},
        status=status,
    )
