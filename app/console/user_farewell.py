"""The end of an account, later or at once, and its data as a file."""

import json

from flask import request
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from app.account import administered, export
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.form import AtMost, Form, OneOf, choices
from app.console.user_frame import SECTION, Shown, about, draw_person, person_of
from app.database import write
from app.directory import people_status

_ONE = "/<tenant_slug>/users/<user_id>"
_WHEN = ("later", "now")


class Deletion(Form):
    """When, and for a deletion at once the name of who goes."""

    when = RadioField(
        "console.users.delete_when",
        choices=choices((when, f"console.users.delete_{when}") for when in _WHEN),
        default="later",
        validators=[OneOf(_WHEN)],
    )
    typed = StringField("console.users.delete_typed", validators=[AtMost(320)])


@blueprint.route(f"{_ONE}/delete", methods=["GET", "POST"])
@for_admin("user.ask_deletion", fresh=True)
def delete_user(admin: Admin, user_id: str) -> Response:
    """Erase the person after the tenant's delay, or at once when their name was typed."""
    person = person_of(admin, user_id)
    form = Deletion(request.form)
    if request.method == "POST" and form.validate():
        if form.when.data == "later":
            administered.ask_deletion(admin.tenant, admin.actor, user_id)
            return done(admin, person.path, "console.users.deletion_asked")
        if _is_named(person, form.typed.data or ""):
            with write(admin.tenant.id) as session:
                people_status.erase(session, admin.actor, user_id)
            return done(admin, "/users", "console.users.deleted")
        form.refuse("typed", "console.users.not_typed")
    return draw_person(
        admin,
        person,
        "profile",
        "users/delete",
        title=about(person, "console.users.delete.title"),
        form=form,
        to_type=_to_type(person),
        days=-(-admin.tenant.settings.policy.deletion_delay // 86_400),
        status=422 if request.method == "POST" else 200,
    )


@blueprint.post(f"{_ONE}/keep")
@for_admin("user.cancel_deletion")
def keep_user(admin: Admin, user_id: str) -> Response:
    """Keep the person after all."""
    person = person_of(admin, user_id)
    administered.cancel_deletion(admin.tenant, admin.actor, user_id)
    return done(admin, person.path, "console.users.kept")


@blueprint.route(f"{_ONE}/export", methods=["GET", "POST"])
@for_admin("user.export", fresh=True)
def export_user(admin: Admin, user_id: str) -> Response:
    """Ask once, then hand out all that is kept about the person; it is written down."""
    person = person_of(admin, user_id)
    if request.method != "POST":
        question = about(person, "console.users.export")
        return confirm(admin, SECTION, question, back=person.path, danger=False)
    document = export.of_user(admin.tenant, admin.actor, user_id)
    answer = Response(
        json.dumps(document, ensure_ascii=False, indent=2), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{person.id}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _to_type(person: Shown) -> str:
    """What stands for the person without a doubt: the address, or else the id."""
    return person.email or person.id


def _is_named(person: Shown, typed: str) -> bool:
    return typed.strip().casefold() == _to_type(person).casefold()
