"""Addresses, numbers and the username: added by a code, preferred, removed."""

from urllib.parse import urlencode

from werkzeug.wrappers import Response

from app.account import contacts, recent, username
from app.account.contacts import Kind, Waiting
from app.account.owner import Owner
from app.directory.contacts import Contact
from app.directory.errors import NotFound
from app.flow.screen import Action, Field, Message, Screen, Text
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner

_SENT = {"email": "email_code.title", "phone": "sms_code.title"}


@blueprint.route("/emails/add", methods=["GET", "POST"])
@for_owner()
def add_email(owner: Owner) -> Response:
    """Type a new address; a code goes to it."""
    return _adding(
        owner, "email", "account.add_email", Field("email", "email", "field.email", "", "email")
    )


@blueprint.route("/phones/add", methods=["GET", "POST"])
@for_owner()
def add_phone(owner: Owner) -> Response:
    """Type a new number; a code goes to it."""
    if not contacts.takes(owner, "phone"):
        raise NotFound("phone")
    hint = Text("field.phone.hint")
    field = Field("phone", "phone", "field.phone", "", "tel", hint=hint)
    return _adding(owner, "phone", "account.add_phone", field)


@blueprint.route("/contacts/<row_id>", methods=["GET", "POST"])
@for_owner()
def confirm_contact(owner: Owner, row_id: str) -> Response:
    """Type the code; only then the contact is the person's."""
    try:
        waiting = contacts.waiting(owner, row_id)
    except NotFound:
        return _over(owner, row_id)

    def confirm(answers: forms.Answers) -> Response:
        if answers.get("action") == "resend":
            again = contacts.resend(owner, row_id)
            return forms.done(f"/contacts/{again.id}", "account.told.code_resent")
        contacts.confirm(owner, row_id, answers.get("code", ""))
        return forms.done("", "account.told.contact_added")

    return forms.serve(owner, _asking(owner, waiting), "profile", "", confirm)


@blueprint.route("/contacts/<contact_id>/primary", methods=["GET", "POST"])
@for_owner()
def prefer_contact(owner: Owner, contact_id: str) -> Response:
    """Make a proven contact the primary one, after one question."""
    recent.demand(owner)
    contact = _mine(owner, contact_id)

    def prefer(_: forms.Answers) -> Response:
        contacts.set_primary(owner, contact_id)
        return forms.done("", "account.told.primary_changed")

    screen = forms.confirming(
        "account.prefer_contact", "action.make_primary", contact.value, danger=False
    )
    return forms.serve(owner, screen, "profile", "", prefer)


@blueprint.route("/contacts/<contact_id>/remove", methods=["GET", "POST"])
@for_owner()
def remove_contact(owner: Owner, contact_id: str) -> Response:
    """Take a contact away, after one question."""
    recent.demand(owner)
    contact = _mine(owner, contact_id)

    def remove(_: forms.Answers) -> Response:
        contacts.remove(owner, contact_id)
        return forms.done("", "account.told.contact_removed")

    screen = forms.confirming("account.remove_contact", "action.remove", contact.value)
    return forms.serve(owner, screen, "profile", "", remove)


@blueprint.route("/username", methods=["GET", "POST"])
@for_owner()
def edit_username(owner: Owner) -> Response:
    """Choose a username, where the tenant has them."""
    if owner.tenant.settings.identifiers.username == "off":
        raise NotFound("username")
    recent.demand(owner)
    mine = [each.value for each in contacts.list_of(owner) if each.kind == "username"]

    def choose(answers: forms.Answers) -> Response:
        username.choose(owner, answers.get("username", ""))
        return forms.done("", "account.told.username_changed")

    hint = Text("field.username.hint")
    value = mine[0] if mine else ""
    screen = Screen(
        name="edit_username",
        title=Text("account.edit_username.title"),
        fields=(Field("username", "text", "field.username", value, "username", hint=hint),),
        actions=(Action("continue", Text("action.save")),),
    )
    return forms.serve(owner, screen, "profile", "", choose)


def _adding(owner: Owner, kind: Kind, about: str, field: Field) -> Response:
    recent.demand(owner)

    def begin(answers: forms.Answers) -> Response:
        waiting = contacts.begin(owner, kind, answers.get(kind, ""))
        return forms.done(f"/contacts/{waiting.id}")

    screen = Screen(
        name=f"add_{kind}",
        title=Text(f"{about}.title"),
        subtitle=Text(f"{about}.body"),
        fields=(field,),
        actions=(Action("continue", Text("action.send_code")),),
    )
    return forms.serve(owner, screen, "profile", "", begin)


def _over(owner: Owner, row_id: str) -> Response:
    """On to where the contact stands, or to the form that asks for another code."""
    contact = contacts.over(owner, row_id)
    if any(each.key == contact.key for each in contacts.list_of(owner)):
        return forms.done("")
    typed = urlencode([(contact.kind, contact.value)])
    return forms.done(f"/{contact.kind}s/add?{typed}", "error.code_expired")


def _asking(owner: Owner, waiting: Waiting) -> Screen:
    digits = owner.tenant.settings.codes.digits
    resend = Action(
        "resend",
        Text("action.resend"),
        "link",
        sends_fields=False,
        waits_until=waiting.resend_at,
    )
    values = {"subject": waiting.contact.value}
    return Screen(
        name="confirm_contact",
        title=Text(_SENT[waiting.contact.kind]),
        subtitle=Text("account.confirm_contact.body", {**values, "count": digits}),
        fields=(Field("code", "one_time_code", "field.code", "", "one-time-code", length=digits),),
        actions=(Action("continue", Text("action.verify")), resend),
        message=Message("account.confirm_contact.echo", {"code": waiting.echo}, "info")
        if waiting.echo
        else None,
    )


def _mine(owner: Owner, contact_id: str) -> Contact:
    for each in contacts.list_of(owner):
        if each.id == contact_id and each.kind != "username":
            return each
    raise NotFound("contact")
