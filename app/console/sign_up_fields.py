"""What the tenant asks of new people: the questions in their order, and each of them."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.sign_up_field_form import FieldForm, as_data, as_document, filled, tell
from app.database import read, write
from app.directory import settings_store
from app.directory.errors import NotFound, StaleRow
from app.directory.settings import SignUpField
from app.directory.settings_store import BadSettings, Revision
from app.flow.screen import Text

SECTION = "sign_up_fields"
_ALL = "/<tenant_slug>/sign-up-fields"
_ONE = f"{_ALL}/<field_name>"
_STEPS = {"up": -1, "down": 1}
_OWNER = "console"


@blueprint.get(_ALL)
@for_admin("settings.read")
def list_sign_up_fields(admin: Admin) -> Response:
    """The questions, in the order in which people meet them."""
    known = _published(admin)
    locale = admin.tenant.settings.texts.default_locale
    questions = [(each, each.label_in(locale, locale)) for each in _fields(admin)]
    of_file = known is not None and known.owner == "file"
    return draw(
        admin,
        "sign_up_fields/list",
        section=SECTION,
        questions=questions,
        revision=known.revision if known else 0,
        of_file=of_file,
        may_change=admin.may("settings.publish") and not of_file,
    )


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("settings.publish")
def add_sign_up_field(admin: Admin) -> Response:
    """One more question, behind the others."""
    form = filled(admin.tenant, None)
    if request.method == "POST" and form.validate():
        others = [as_document(each) for each in _fields(admin)]
        if _is_published(admin, form, others, len(others)):
            return done(admin, "/sign-up-fields", "console.sign_up_fields.added")
    return _drawn(admin, form, Text("console.sign_up_fields.new.title"))


@blueprint.route(_ONE, methods=["GET", "POST"])
@for_admin("settings.publish")
def edit_sign_up_field(admin: Admin, field_name: str) -> Response:
    """One question, in its place."""
    at, known = _find(admin, field_name)
    form = filled(admin.tenant, as_data(known))
    if request.method == "POST" and form.validate():
        others = [as_document(each) for each in _fields(admin) if each.name != known.name]
        if _is_published(admin, form, others, at):
            return done(admin, "/sign-up-fields", "console.sign_up_fields.changed")
    return _drawn(admin, form, Text("console.sign_up_fields.edit.title", {"name": known.name}))


@blueprint.post(f"{_ONE}/move")
@for_admin("settings.publish")
def move_sign_up_field(admin: Admin, field_name: str) -> Response:
    """Ask it one place earlier or later."""
    at, _ = _find(admin, field_name)
    fields = [as_document(each) for each in _fields(admin)]
    to = at + _STEPS.get(request.form.get("to", ""), 0)
    if 0 <= to < len(fields):
        fields.insert(to, fields.pop(at))
        _publish(admin, fields)
    return done(admin, "/sign-up-fields", "console.sign_up_fields.moved")


@blueprint.route(f"{_ONE}/remove", methods=["GET", "POST"])
@for_admin("settings.publish")
def remove_sign_up_field(admin: Admin, field_name: str) -> Response:
    """Ask once, then ask new people no more; answers that were given stay."""
    _, known = _find(admin, field_name)
    if request.method == "POST":
        _publish(admin, [as_document(e) for e in _fields(admin) if e.name != known.name])
        return done(admin, "/sign-up-fields", "console.sign_up_fields.removed")
    question = Text("console.sign_up_fields.remove", {"name": known.name})
    seen = {"revision": str(_revision(admin))}
    return confirm(admin, SECTION, question, back="/sign-up-fields", fields=seen)


def _fields(admin: Admin) -> tuple[SignUpField, ...]:
    return admin.tenant.settings.sign_up.fields


def _find(admin: Admin, name: str) -> tuple[int, SignUpField]:
    for at, each in enumerate(_fields(admin)):
        if each.name == name:
            return at, each
    raise NotFound("question")


def _is_published(admin: Admin, form: FieldForm, others: list[dict[str, Any]], at: int) -> bool:
    """Whether the question of the form stands among the others now; else the form says why not."""
    document = form.document(admin.tenant)
    problems = form.problems(document, {each["name"] for each in others})
    if problems:
        tell(form, problems)
        return False
    try:
        _publish(admin, [*others[:at], document, *others[at:]])
    except BadSettings as refusal:
        form.refuse(None, str(refusal))
        return False
    return True


def _publish(admin: Admin, fields: list[dict[str, Any]]) -> None:
    """Raises `StaleRow` where somebody changed the questions since they were read."""
    if request.form.get("revision", type=int) != _revision(admin):
        raise StaleRow
    with write(admin.tenant.id) as session:
        settings_store.publish(session, admin.actor, "sign_up", {"fields": fields}, owner=_OWNER)


def _published(admin: Admin) -> Revision | None:
    with read(admin.tenant.id) as session:
        return settings_store.published(session).get("sign_up")


def _revision(admin: Admin) -> int:
    known = _published(admin)
    return known.revision if known else 0


def _drawn(admin: Admin, form: FieldForm, title: Text) -> Response:
    return draw(
        admin,
        "sign_up_fields/edit",
        section=SECTION,
        title=title,
        words=title,
        form=form,
        revision=_revision(admin),
        default_locale=admin.tenant.settings.texts.default_locale,
        status=422 if request.method == "POST" else 200,
    )
