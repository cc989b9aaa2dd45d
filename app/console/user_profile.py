"""What of one person an admin may change: name and language, metadata, what names them."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from app.account import administered
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.console.json_field import JsonObject, as_text
from app.console.user_frame import SECTION, Shown, about, draw_person, person_of
from app.console.user_sessions import last_way_in
from app.database import read, write
from app.directory import contacts, people
from app.directory.contacts import Contact, HasProven
from app.directory.people import IdentifierTaken
from app.directory.ways_in import LastWayIn
from app.identifiers import BadIdentifier, Identifier, IdentifierKind, new_username, parse_as

_ONE = "/<tenant_slug>/users/<user_id>"
_CONTACT = f"{_ONE}/contacts/<contact_id>"
_KINDS: tuple[IdentifierKind, ...] = ("email", "phone", "username")


class EditUser(Form):
    """How a person is called and written to."""

    name = StringField("console.users.name", validators=[AtMost(200)])
    locale = SelectField("console.users.locale", default="")
    row_version = HiddenField()


class EditMetadata(Form):
    """What the tenant keeps about a person."""

    public_metadata = TextAreaField(
        "console.users.public_metadata",
        validators=[JsonObject()],
        description="console.users.public_metadata_hint",
        render_kw={"rows": 10, "spellcheck": "false", "dir": "ltr"},
    )
    private_metadata = TextAreaField(
        "console.users.private_metadata",
        validators=[JsonObject()],
        description="console.users.private_metadata_hint",
        render_kw={"rows": 10, "spellcheck": "false", "dir": "ltr"},
    )
    row_version = HiddenField()


class NewContact(Form):
    """An address, number or username for somebody who could not give it themselves."""

    kind = RadioField(
        "console.users.contact_kind",
        choices=choices((kind, f"console.users.kind_{kind}") for kind in _KINDS),
        default="email",
        validators=[OneOf(_KINDS)],
    )
    value = StringField("console.users.contact_value", validators=[Needed(), AtMost(320)])


@blueprint.route(f"{_ONE}/edit", methods=["GET", "POST"])
@for_admin("user.update")
def edit_user(admin: Admin, user_id: str) -> Response:
    """The name that is shown, and the language of mails."""
    person = person_of(admin, user_id)
    row = person.row
    given = {"name": row.display_name or "", "locale": row.locale or "", **_version(person)}
    form = EditUser(request.form, data=given)
    known = dict.fromkeys([*admin.tenant.settings.texts.locales, *([row.locale or ""])])
    form.locale.choices = choices(
        [("", "console.users.locale_any"), *((each, each) for each in known if each)]
    )
    if request.method == "POST" and form.validate():
        with write(admin.tenant.id) as session:
            people.update(
                session,
                admin.actor,
                user_id,
                row_version=_number(form.row_version.data),
                display_name=form.name.data or None,
                locale=form.locale.data or None,
            )
        return done(admin, person.path, "console.users.changed")
    return _drawn(admin, person, "users/edit", "console.users.edit.title", form)


@blueprint.route(f"{_ONE}/metadata", methods=["GET", "POST"])
@for_admin("user.update_metadata")
def edit_metadata(admin: Admin, user_id: str) -> Response:
    """Both documents, replaced whole."""
    person = person_of(admin, user_id)
    given = {
        "public_metadata": as_text(person.row.public_metadata),
        "private_metadata": as_text(person.row.private_metadata),
        **_version(person),
    }
    form = EditMetadata(request.form, data=given)
    if request.method == "POST" and form.validate():
        with write(admin.tenant.id) as session:
            people.update_metadata(
                session,
                admin.actor,
                user_id,
                row_version=_number(form.row_version.data),
                public_metadata=JsonObject.read(form.public_metadata),
                private_metadata=JsonObject.read(form.private_metadata),
            )
        return done(admin, person.path, "console.users.changed")
    return _drawn(admin, person, "users/metadata", "console.users.metadata.title", form)


@blueprint.route(f"{_ONE}/contacts/new", methods=["GET", "POST"])
@for_admin("contact.add_unproven")
def add_contact(admin: Admin, user_id: str) -> Response:
    """Note an address or number, unproven, for who has proven none; or give a username."""
    person = person_of(admin, user_id)
    form = NewContact(request.form)
    if request.method == "POST" and form.validate() and _is_added(admin, person, form):
        return done(admin, person.path, "console.users.contact_added")
    return _drawn(admin, person, "users/contact", "console.users.contact.title", form)


@blueprint.route(f"{_CONTACT}/verify", methods=["GET", "POST"])
@for_admin("user.verify_email")
def verify_contact(admin: Admin, user_id: str, contact_id: str) -> Response:
    """Ask once, then take an address or number for theirs without a proof."""
    person, contact = _of(admin, user_id, contact_id)
    if request.method == "POST":
        kind: IdentifierKind = "phone" if contact.kind == "phone" else "email"
        with write(admin.tenant.id) as session:
            # The admin vouches for the account as it is: nobody is evicted.
            people.verify_email(
                session, admin.actor, user_id, contact.id, proved_password=True, kind=kind
            )
        return done(admin, person.path, "console.users.contact_verified")
    question = about(person, "console.users.verify_contact", contact=contact.value)
    return confirm(admin, SECTION, question, back=person.path, danger=False)


@blueprint.route(f"{_CONTACT}/remove", methods=["GET", "POST"])
@for_admin("contact.remove")
def remove_contact(admin: Admin, user_id: str, contact_id: str) -> Response:
    """Ask once, then take an identifier away; the last way in stays."""
    person, contact = _of(admin, user_id, contact_id)
    if request.method == "POST":
        try:
            administered.remove_contact(admin.tenant, admin.actor, user_id, contact.id)
        except LastWayIn:
            return last_way_in(admin, person, "profile")
        return done(admin, person.path, "console.users.contact_removed")
    question = about(person, "console.users.remove_contact", contact=contact.value)
    return confirm(admin, SECTION, question, back=person.path)


def _of(admin: Admin, user_id: str, contact_id: str) -> tuple[Shown, Contact]:
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        return person, contacts.find(session, user_id, contact_id)


def _is_added(admin: Admin, person: Shown, form: NewContact) -> bool:
    try:
        identifier = _parsed(admin, str(form.kind.data), str(form.value.data))
        with write(admin.tenant.id) as session:
            if identifier.kind == "username":
                contacts.set_username(session, admin.actor, person.id, identifier)
            else:
                contacts.add_unproven(session, admin.actor, person.id, identifier)
    except BadIdentifier:
        form.refuse("value", f"console.users.bad_{form.kind.data}")
    except IdentifierTaken:
        form.refuse("value", "console.users.taken")
    except HasProven:
        form.refuse("kind", "console.users.has_proven")
    return not form.errors


def _parsed(admin: Admin, kind: str, text: str) -> Identifier:
    if kind == "username":
        return new_username(text)
    region = admin.tenant.settings.identifiers.default_region
    return parse_as("phone" if kind == "phone" else "email", text, region)


def _drawn(admin: Admin, person: Shown, template: str, title: str, form: Form) -> Response:
    status = 422 if request.method == "POST" else 200
    words: Any = about(person, title)
    return draw_person(admin, person, "profile", template, title=words, form=form, status=status)


def _version(person: Shown) -> dict[str, str]:
    return {"row_version": str(person.row.row_version)}


def _number(text: str | None) -> int:
    """The version that was read; one that is none is never the row's."""
    return int(text) if text and text.isdigit() and len(text) < _LONGEST_NUMBER else 0


_LONGEST_NUMBER = 10
