"""`/emails` and `/phones`: addresses and numbers, each proven by a code before it counts."""

from pydantic import BaseModel, Field

from app.account import contacts
from app.account.contacts import Kind, Waiting
from app.account.owner import Owner
from app.api.account.door import Body, operation
from app.api.account.shapes import Moment, Short
from app.directory.contacts import Contact as ContactRow
from app.directory.errors import NotFound

_SENDING = ("contact_exists", "too_many_contacts", "rate_limited", "not_found")
_CONFIRMING = (
    "wrong_code",
    "malformed_code",
    "code_locked",
    "code_expired",
    "identifier_taken",
    "rate_limited",
)
_REMOVING = ("last_way_in", "last_factor", "contact_required")


class Contact(BaseModel):
    """An address or number of the account."""

    id: str
    value: str
    is_primary: bool
    is_verified: bool
    verified_at: Moment | None


class PendingContact(BaseModel):
    """One that waits for its code."""

    id: str
    value: str
    expires_at: Moment


class Contacts(BaseModel):
    """Those of the account, the primary one first, and those that wait for their code."""

    items: list[Contact]
    pending: list[PendingContact]


class SentCode(BaseModel):
    """A code is out."""

    id: str = Field(description="What to confirm")
    value: str
    resend_at: Moment
    expires_at: Moment
    code: str | None = Field(description="Only in test tenants that echo codes")


class Added(BaseModel):
    """The contact that a right code added."""

    id: str


class NewEmail(Body):
    """An address to be proven."""

    email: Short


class NewPhone(Body):
    """A number to be proven."""

    phone: Short


class Code(Body):
    """The code that was sent."""

    code: Short


@operation("GET", "/emails", "Email addresses", answers=Contacts)
def list_emails(owner: Owner) -> Contacts:
    """And those that wait for their code."""
    return _listed(owner, "email")


@operation(
    "POST",
    "/emails",
    "Send a code to a new address",
    takes=NewEmail,
    answers=SentCode,
    status=201,
    creates=True,
    sensitive=True,
    codes=("invalid_email", *_SENDING),
)
def add_email(owner: Owner, sent: NewEmail) -> SentCode:
    """Nothing changes until the code comes back."""
    return _sent(contacts.begin(owner, "email", sent.email))


@operation(
    "POST",
    "/emails/pending/{pending_id}/confirm",
    "Prove the new address by its code",
    takes=Code,
    answers=Added,
    codes=_CONFIRMING,
)
def confirm_email(owner: Owner, sent: Code, pending_id: str) -> Added:
    """Now it belongs to the account."""
    return _confirmed(owner, "email", pending_id, sent.code)


@operation(
    "POST",
    "/emails/pending/{pending_id}/resend",
    "Send another code",
    answers=SentCode,
    sensitive=True,
    codes=("resend_early", "rate_limited"),
)
def resend_email(owner: Owner, pending_id: str) -> SentCode:
    """The earlier one counts no more."""
    return _resent(owner, "email", pending_id)


@operation("POST", "/emails/{contact_id}/primary", "Make an address the main one", sensitive=True)
def set_primary_email(owner: Owner, contact_id: str) -> None:
    """Only one that is proven."""
    contacts.set_primary(owner, _mine(owner, "email", contact_id))


@operation("DELETE", "/emails/{contact_id}", "Remove an address", sensitive=True, codes=_REMOVING)
def remove_email(owner: Owner, contact_id: str) -> None:
    """Never the last way in; the address hears of it."""
    contacts.remove(owner, _mine(owner, "email", contact_id))


@operation("GET", "/phones", "Phone numbers", answers=Contacts)
def list_phones(owner: Owner) -> Contacts:
    """And those that wait for their code."""
    return _listed(owner, "phone")


@operation(
    "POST",
    "/phones",
    "Send a code to a new number",
    takes=NewPhone,
    answers=SentCode,
    status=201,
    creates=True,
    sensitive=True,
    codes=("invalid_phone", "phone_not_served", *_SENDING),
)
def add_phone(owner: Owner, sent: NewPhone) -> SentCode:
    """Nothing changes until the code comes back."""
    return _sent(contacts.begin(owner, "phone", sent.phone))


@operation(
    "POST",
    "/phones/pending/{pending_id}/confirm",
    "Prove the new number by its code",
    takes=Code,
    answers=Added,
    codes=_CONFIRMING,
)
def confirm_phone(owner: Owner, sent: Code, pending_id: str) -> Added:
    """Now it belongs to the account."""
    return _confirmed(owner, "phone", pending_id, sent.code)


@operation(
    "POST",
    "/phones/pending/{pending_id}/resend",
    "Send another code by SMS",
    answers=SentCode,
    sensitive=True,
    codes=("resend_early", "phone_not_served", "rate_limited"),
)
def resend_phone(owner: Owner, pending_id: str) -> SentCode:
    """The earlier one counts no more."""
    return _resent(owner, "phone", pending_id)


@operation("POST", "/phones/{contact_id}/primary", "Make a number the main one", sensitive=True)
def set_primary_phone(owner: Owner, contact_id: str) -> None:
    """Only one that is proven."""
    contacts.set_primary(owner, _mine(owner, "phone", contact_id))


@operation("DELETE", "/phones/{contact_id}", "Remove a number", sensitive=True, codes=_REMOVING)
def remove_phone(owner: Owner, contact_id: str) -> None:
    """Never the last way in."""
    contacts.remove(owner, _mine(owner, "phone", contact_id))


def _listed(owner: Owner, kind: Kind) -> Contacts:
    return Contacts(
        items=[_shown(each) for each in contacts.list_of(owner) if each.kind == kind],
        pending=[
            PendingContact(id=each.id, value=each.value, expires_at=each.expires_at)
            for each in contacts.pending_of(owner)
            if each.kind == kind
        ],
    )


def _shown(each: ContactRow) -> Contact:
    return Contact(
        id=each.id,
        value=each.value,
        is_primary=each.is_primary,
        is_verified=each.is_verified,
        verified_at=each.verified_at,
    )


def _sent(waiting: Waiting) -> SentCode:
    return SentCode(
        id=waiting.id,
        value=waiting.contact.value,
        resend_at=waiting.resend_at,
        expires_at=waiting.expires_at,
        code=waiting.echo,
    )


def _confirmed(owner: Owner, kind: Kind, pending_id: str, code: str) -> Added:
    _demand_waiting(owner, kind, pending_id)
    return Added(id=contacts.confirm(owner, pending_id, code))


def _resent(owner: Owner, kind: Kind, pending_id: str) -> SentCode:
    _demand_waiting(owner, kind, pending_id)
    return _sent(contacts.resend(owner, pending_id))


def _demand_waiting(owner: Owner, kind: Kind, pending_id: str) -> None:
    if contacts.waiting(owner, pending_id).contact.kind != kind:
        raise NotFound(kind)


def _mine(owner: Owner, kind: Kind, contact_id: str) -> str:
    """The id, when it is one of this kind: a number is not reached as an address."""
    if not any(each.id == contact_id and each.kind == kind for each in contacts.list_of(owner)):
        raise NotFound(kind)
    return contact_id
