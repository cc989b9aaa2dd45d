"""The outbox: messages are written in the transaction that causes them and delivered later.

So nobody waits for a mail server, nobody can tell from the time an answer takes whether a mail was
sent, and a message whose cause was rolled back does not exist.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy import Select, select

from app import clock
from app.addresses import mask_email, parse_email
from app.database import Session, flow_of, tenant_of
from app.delivery.statements import WITHDRAW
from app.ids import new_id
from app.models import OutboxMessage
from app.phones import NO_REGION, mask_phone, parse_phone
from app.security import keyring

Purpose = Literal[
    "sign_in_code",
    "sign_up_code",
    "verify_email_code",
    "recovery_code",
    "second_code",
    "sign_in_link",
    "sign_up_link",
    "verify_email_link",
    "recovery_link",
    "second_link",
    "no_account",
    "new_device",
    "password_changed",
    "factor_added",
    "factor_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_made",
    "recovery_codes_removed",
    "recovery_code_used",
    "email_added",
    "email_removed",
    "email_primary",
    "phone_added",
    "phone_removed",
    "username_changed",
    "password_removed",
    "deletion_asked",
    "deletion_cancelled",
    "recovery_started",
    "recovery_used",
    "support_recovery",
    "breached",
    "identity_added",
    "identity_removed",
    "invitation",
    "welcome",
]
"""The mails there are, each with a template of its name in `templates/mail`."""
SmsPurpose = Literal[
    "sign_in_code",
    "sign_up_code",
    "verify_phone_code",
    "recovery_code",
    "second_code",
    "recovery_started",
    "test",
]
"""The text messages there are, each with a sentence `sms.` and its name."""
Channel = Literal["mail", "sms"]


class Owner(Protocol):
    """Whose mail it is: a tenant snapshot."""

    @property
    def id(self) -> str:
        """The tenant's id."""


@dataclass(frozen=True)
class Payload:
    """What is sealed: to whom a message goes and what it says."""

    to: str
    values: Mapping[str, str]
    locale: str
    organization_id: str | None = None
    """The organization that it is about, whose look it has where there is one."""
    client_id: str | None = None
    """The client that it is about, in the same way."""


@dataclass(frozen=True)
class Sending:
    """One message in the delivery log; its body is never shown."""

    id: str
    channel: str
    """`mail` or `sms`."""
    purpose: str
    recipient: str
    """Masked."""
    state: str
    attempts: int
    last_error: str | None
    created_at: int
    next_attempt_at: int
    expires_at: int
    sent_at: int | None
    carries_secret: bool = False
    can_be_resent: bool = False


@dataclass(frozen=True)
class SendingPage:
    """One page of the delivery log, newest first; `next_cursor` is None at the end."""

    items: tuple[Sending, ...]
    next_cursor: str | None


def queue_mail(
    session: Session,
    tenant: Owner,
    purpose: Purpose,
    *,
    to: str,
    values: Mapping[str, str],
    locale: str,
    carries_secret: bool,
    lives: int,
    not_before: int | None = None,
    organization_id: str | None = None,
    client_id: str | None = None,
) -> str:
    """Write a mail into the caller's transaction; returns the message's id.

    It is tried for `lives` seconds, counted from `not_before` (milliseconds) if that is given, and
    never sent after that. Raises `BadAddress`.
    """
    address = parse_email(to).deliverable
    payload = Payload(address, dict(values), locale, organization_id, client_id)
    message = _Message("mail", purpose, mask_email(address), payload, carries_secret, lives)
    return _queue(session, tenant.id, message, not_before)


def queue_sms(
    session: Session,
    tenant: Owner,
    purpose: SmsPurpose,
    *,
    to: str,
    values: Mapping[str, str],
    locale: str,
    carries_secret: bool,
    lives: int,
    organization_id: str | None = None,
    client_id: str | None = None,
) -> str:
    """Write a text message to a number in E.164 into the caller's transaction; returns its id.

    It is tried for `lives` seconds and never sent after that. Whoever calls it has asked
    `sms_guard.allow` before: the message costs the tenant money. Raises `BadPhone`.
    """
    number = parse_phone(to, NO_REGION).key
    payload = Payload(number, dict(values), locale, organization_id, client_id)
    message = _Message("sms", purpose, mask_phone(number), payload, carries_secret, lives)
    return _queue(session, tenant.id, message)


def withdraw(session: Session, message_id: str) -> None:
    """Never send a message that still waits; harmless when it is gone."""
    session.execute(WITHDRAW, {"tenant_id": tenant_of(session), "id": message_id})


def list_page(
    session: Session, *, after: str | None = None, limit: int = 50, state: str | None = None
) -> SendingPage:
    """One page of the tenant's delivery log, continued `after` the cursor of the page before."""
    query = select(OutboxMessage).where(OutboxMessage.tenant_id == tenant_of(session))
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    return page_of(session, query, after=after, limit=limit)


def page_of(
    session: Session, query: Select[OutboxMessage], *, after: str | None, limit: int
) -> SendingPage:
    """One page of the messages that `query` finds, newest first."""
    if after is not None:
        query = query.where(OutboxMessage.id < after)
    rows = list(session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit + 1)))
    items = tuple(_sending(row) for row in rows[:limit])
    return SendingPage(items, items[-1].id if len(rows) > limit else None)


@dataclass(frozen=True)
class _Message:
    channel: Channel
    purpose: str
    recipient: str
    payload: Payload
    carries_secret: bool
    lives: int


def _queue(
    session: Session, tenant_id: str, message: _Message, not_before: int | None = None
) -> str:
    row_id = new_id("msg")
    now = clock.now()
    first_at = max(now, not_before or now)
    session.add(
        OutboxMessage(
            tenant_id=tenant_id,
            id=row_id,
            created_at=now,
            channel=message.channel,
            purpose=message.purpose,
            recipient=message.recipient,
            sealed_payload=seal(tenant_id, row_id, message.payload),
            carries_secret=message.carries_secret,
            state="queued",
            attempts=0,
            next_attempt_at=first_at,
            leased_until=0,
            expires_at=first_at + message.lives * clock.SECOND,
            flow_id=flow_of(session),
        )
    )
    return row_id


def seal(tenant_id: str, row_id: str, payload: Payload) -> bytes:
    """The payload, readable only as that of this row."""
    plain = json.dumps({**vars(payload), "values": dict(payload.values)})
    return keyring().seal(plain.encode(), _context(tenant_id, row_id))


def unseal(tenant_id: str, row_id: str, sealed: bytes) -> Payload:
    """What `seal` took; raises `CannotUnseal`."""
    return Payload(**json.loads(keyring().unseal(sealed, _context(tenant_id, row_id))))


def _context(tenant_id: str, row_id: str) -> str:
    return f"{tenant_id}/outbox_message/{row_id}"


def _sending(row: OutboxMessage) -> Sending:
    return Sending(
        id=row.id,
        channel=row.channel,
        purpose=row.purpose,
        recipient=row.recipient,
        state=row.state,
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        expires_at=row.expires_at,
        sent_at=row.sent_at,
        carries_secret=row.carries_secret,
        can_be_resent=row.state == "dead"
        and not row.carries_secret
        and row.sealed_payload is not None,
    )
