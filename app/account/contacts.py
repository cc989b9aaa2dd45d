"""Email addresses and phone numbers of one's own account: asked for, proven, preferred, removed.

A new one counts for nothing until the code that was sent to it comes back. The code's row carries
the very address that it went to, so no code of one address ever proves another. (SECURITY A14)
"""

import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from app import clock, limits, single_use
from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused, in_words
from app.audit import events
from app.audit.log import record
from app.database import read, write
from app.delivery import notices, sms_guard, sms_readiness
from app.delivery.outbox import Purpose, queue_mail, queue_sms
from app.directory import contacts, pending_contacts, ways_in
from app.directory.contacts import Contact
from app.directory.errors import NotFound
from app.directory.pending_contacts import KIND, PendingContact
from app.flow.screen import Text
from app.identifiers import BadIdentifier, Identifier, parse_as
from app.ids import new_id
from app.limits import Limit
from app.methods import sending_limits
from app.methods.digits import digits as digits_of
from app.single_use import OneTimeRow

Kind = Literal["email", "phone"]
MOST = 10
"""Of each kind that one account may have."""


@dataclass(frozen=True)
class Waiting:
    """A contact that waits for its code. Times in milliseconds."""

    id: str
    contact: Identifier
    resend_at: int
    expires_at: int
    echo: str | None = None
    """The code itself, in test tenants that echo codes; only where it was just made."""


def list_of(owner: Owner) -> tuple[Contact, ...]:
    """Every identifier of the owner, the username among them."""
    with read(owner.tenant.id) as session:
        return contacts.list_of_user(session, owner.user_id)


def pending_of(owner: Owner) -> tuple[PendingContact, ...]:
    """What waits for its code now."""
    with read(owner.tenant.id) as session:
        return pending_contacts.list_of_user(session, owner.user_id)


def takes(owner: Owner, kind: Kind) -> bool:
    """Whether a new contact of this kind is of any use to the tenant, and can be sent a code."""
    settings = owner.tenant.settings
    method = "email_code" if kind == "email" else "sms_code"
    is_used = method in (*settings.methods.sign_in, *settings.methods.second)
    if getattr(settings.identifiers, kind) == "off" and not is_used:
        return False
    return kind == "email" or sms_readiness.is_ready(owner.tenant)


def begin(owner: Owner, kind: Kind, text: str) -> Waiting:
    """Send a code to a new address or number. Whether another account has it is told to nobody who
    has not proven that it is theirs. Raises `Refused` and `NotRecent`."""
    recent.demand(owner)
    contact = _parsed(owner, kind, text)
    mine = [each for each in list_of(owner) if each.kind == kind]
    if any(each.key == contact.key for each in mine):
        raise Refused("contact_exists", Text("error.contact_exists"), kind)
    if len(mine) >= MOST:
        raise Refused("too_many_contacts", Text("error.too_many_contacts"), kind)
    return _send(owner, contact)


def waiting(owner: Owner, row_id: str) -> Waiting:
    """What waits in a row of the owner's; raises `NotFound` for one that is spent or too old."""
    for each in pending_of(owner):
        if each.id == row_id:
            contact = parse_as(_kind(each.kind), each.value, _region(owner))
            return Waiting(each.id, contact, _resend_at(owner, each.created_at), each.expires_at)
    raise NotFound("contact that waits for its code")


def over(owner: Owner, row_id: str) -> Identifier:
    """What waited in a row of the owner's that is spent or too old; raises `NotFound` for a row
    that was never theirs."""
    row = single_use.find(owner.tenant.id, KIND, row_id)
    if row is None or row.subject != owner.user_id:
        raise NotFound("contact that waited for its code")
    return Identifier(_kind(row.payload["kind"]), row.payload["value"], row.payload["key"])


def resend(owner: Owner, row_id: str) -> Waiting:
    """Send another code in place of the one that is out; the tries that were made stay made.
    Raises `NotFound`, `Refused` and `NotRecent`."""
    recent.demand(owner)
    former = waiting(owner, row_id)
    if former.resend_at > clock.now():
        seconds = -(-(former.resend_at - clock.now()) // clock.SECOND)
        text = Text("error.resend_wait", {"count": seconds})
        raise Refused("resend_early", text, retry_after=seconds)
    return _send(owner, former.contact)


def confirm(owner: Owner, row_id: str, code: str) -> str:
    """Add the contact whose code this is; returns its id. Every wrong code counts. Raises
    `NotFound` and `Refused`."""
    contact = waiting(owner, row_id).contact
    length = owner.tenant.settings.codes.digits
    typed = digits_of(code, length)
    if typed is None:
        raise Refused("malformed_code", Text("error.code_form", {"count": length}), "code")
    _count(owner, _guesses(owner))
    row = single_use.try_once(
        owner.tenant.id, KIND, row_id, binding=_binding(owner, contact), epoch=owner.tenant.epoch
    )
    if row is None or not row.is_secret(typed):
        _fail(owner, row)
    with in_words(), write(owner.tenant.id) as session:
        return _add(session, owner, contact, row_id)


def set_primary(owner: Owner, contact_id: str) -> None:
    """Make a proven contact the primary one. Raises `NotFound` and `NotRecent`."""
    recent.demand(owner)
    with write(owner.tenant.id) as session:
        contact = contacts.set_primary(session, owner.actor, owner.user_id, contact_id)
        if contact.kind == "email":
            values = {"address": contact.value}
            notices.tell(
                session, owner.tenant, owner.user_id, "email_primary", values, owner.locale
            )


def remove(owner: Owner, contact_id: str) -> None:
    """Take a contact away, unless it is the last way in or one that the tenant demands. It hears of
    it too. Raises `NotFound`, `Refused` and `NotRecent`."""
    recent.demand(owner)
    with in_words(), write(owner.tenant.id) as session:
        contact = contacts.find(session, owner.user_id, contact_id)
        ways_in.demand_another(session, owner.tenant, owner.user_id, contact.id)
        _demand_no_duty(session, owner, contact)
        _tell(session, owner, contact.kind, "removed", contact.value)
        contacts.remove(session, owner.actor, owner.user_id, contact.id)


def _demand_no_duty(session: Session, owner: Owner, contact: Contact) -> None:
    """Where everybody has to have one of the kind, the last proven one stays."""
    if getattr(owner.tenant.settings.identifiers, contact.kind) != "required":
        return
    has = contacts.list_of_user(session, owner.user_id)
    others = [each for each in has if each.kind == contact.kind and each.id != contact.id]
    if not any(each.is_verified or each.kind == "username" for each in others):
        raise Refused("contact_required", Text("error.contact_required"))


def _parsed(owner: Owner, kind: Kind, text: str) -> Identifier:
    if not takes(owner, kind):
        raise NotFound(kind)
    try:
        return parse_as(kind, text, _region(owner))
    except BadIdentifier:
        text_id = "error.email_invalid" if kind == "email" else "error.phone_invalid"
        raise Refused(f"invalid_{kind}", Text(text_id), kind) from None


def _send(owner: Owner, contact: Identifier) -> Waiting:
    _count(owner, *_sendings(owner, contact))
    costs = contact.kind == "phone" and not sms_readiness.is_silent(owner.tenant)
    if costs and sms_guard.allow(owner.tenant, contact.key):
        raise Refused("phone_not_served", Text("error.phone_not_served"), "phone")
    codes, code, row_id = owner.tenant.settings.codes, _new_code(owner), new_id("otc")
    with write(owner.tenant.id) as session:
        _issue(session, owner, contact, row_id, code)
        _queue(session, owner, contact, code)
        data = {"kind": contact.kind}
        record(session, events.CONTACT_ASKED, owner.actor, subject_id=owner.user_id, data=data)
    now = clock.now()
    echo = code if owner.tenant.is_test and codes.echo else None
    return Waiting(row_id, contact, _resend_at(owner, now), now + codes.lives * clock.SECOND, echo)


def _issue(session: Session, owner: Owner, contact: Identifier, row_id: str, code: str) -> None:
    codes, binding = owner.tenant.settings.codes, _binding(owner, contact)
    spent = single_use.supersede(session, KIND, subject=owner.user_id, binding=binding)
    single_use.issue(
        session,
        KIND,
        id=row_id,
        subject=owner.user_id,
        binding=binding,
        secret=code,
        lives=codes.lives,
        epoch=owner.tenant.epoch,
        max_attempts=codes.tries,
        attempts=min(spent, codes.tries),
        payload={"kind": contact.kind, "value": contact.value, "key": contact.key},
    )


def _queue(session: Session, owner: Owner, contact: Identifier, code: str) -> None:
    tenant, codes = owner.tenant, owner.tenant.settings.codes
    if tenant.is_test and (codes.fixed or codes.echo):
        return
    values = {"code": code, "minutes": str(codes.lives // 60), "app": tenant.name}
    if contact.kind == "email":
        queue_mail(
            session,
            tenant,
            "verify_email_code",
            to=contact.value,
            values=values,
            locale=owner.locale,
            carries_secret=True,
            lives=codes.lives,
        )
    else:
        queue_sms(
            session,
            tenant,
            "verify_phone_code",
            to=contact.key,
            values=values,
            locale=owner.locale,
            carries_secret=True,
            lives=codes.lives,
        )


def _add(session: Session, owner: Owner, contact: Identifier, row_id: str) -> str:
    """What follows from a right code; `Refused` when the code was voided in the meantime."""
    row = single_use.consume(
        session, KIND, row_id, binding=_binding(owner, contact), epoch=owner.tenant.epoch
    )
    if row is None:
        raise Refused("code_expired", Text("error.code_expired"), "code")
    proven = Identifier(contact.kind, row.payload["value"], row.payload["key"])
    contact_id = contacts.add(session, owner.actor, owner.user_id, proven)
    limits.clear(session, _guesses(owner))
    if proven.kind == "phone" and not sms_readiness.is_silent(owner.tenant):
        sms_guard.note_converted(session, owner.tenant, proven.key)
    _tell(session, owner, proven.kind, "added", proven.value, about=contact_id)
    return contact_id


def _tell(
    session: Session, owner: Owner, kind: str, what: str, value: str, about: str | None = None
) -> None:
    purposes: dict[str, Purpose] = {
        "email added": "email_added",
        "email removed": "email_removed",
        "phone added": "phone_added",
        "phone removed": "phone_removed",
    }
    values = {"address" if kind == "email" else "phone": value}
    purpose = purposes.get(f"{kind} {what}", "username_changed")
    notices.tell(session, owner.tenant, owner.user_id, purpose, values, owner.locale, about=about)


def _fail(owner: Owner, row: OneTimeRow | None) -> None:
    """Raises `Refused` for a code that was wrong, or that nothing could be right for any more."""
    with write(owner.tenant.id) as session:
        record(session, events.CONTACT_FAILED, owner.actor, subject_id=owner.user_id)
    left = row.max_attempts - row.attempts if row else 0
    if left <= 0:
        raise Refused("code_locked", Text("error.code_locked"), "code")
    raise Refused("wrong_code", Text("error.code_wrong", {"count": left}), "code")


def _count(owner: Owner, *counted: Limit) -> None:
    exceeded = limits.count(owner.tenant.id, *counted)
    if exceeded:
        text = Text("error.too_many_tries", {"count": -(-exceeded.retry_after // 60)})
        raise Refused("rate_limited", text, retry_after=exceeded.retry_after)


def _sendings(owner: Owner, contact: Identifier) -> tuple[Limit, ...]:
    """The budgets of sign-in codes, so that nobody gets twice as many messages by two doors."""
    figures = owner.tenant.settings.limits
    channel = "email_code" if contact.kind == "email" else "sms_code"
    return sending_limits.of_message(channel, figures, owner.user_id, contact, owner.actor.address)


def _guesses(owner: Owner) -> Limit:
    most = owner.tenant.settings.limits.wrong_codes_per_account
    return Limit("contact.guess", owner.user_id, most)


def _new_code(owner: Owner) -> str:
    codes = owner.tenant.settings.codes
    if owner.tenant.is_test and codes.fixed:
        return codes.fixed
    return f"{secrets.randbelow(10**codes.digits):0{codes.digits}d}"


def _binding(owner: Owner, contact: Identifier) -> str:
    return f"{owner.user_id} {contact.kind} {contact.key}"


def _resend_at(owner: Owner, made_at: int) -> int:
    return made_at + owner.tenant.settings.codes.resend_after * clock.SECOND


def _region(owner: Owner) -> str:
    return owner.tenant.settings.identifiers.default_region


def _kind(text: str) -> Kind:
    return "phone" if text == "phone" else "email"
