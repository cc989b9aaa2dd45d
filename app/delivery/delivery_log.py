"""The delivery log as admins read it: what went to whom and how it went, never what it said."""

from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from app import clock
from app.actor import Actor
from app.addresses import BadAddress, mask_email, parse_email
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.delivery import outbox, statements
from app.delivery.outbox import Sending, SendingPage
from app.directory import permissions
from app.directory.errors import NotFound, Refused
from app.models import DeliveryAttempt, OutboxMessage
from app.phones import NO_REGION, BadPhone, mask_phone, parse_phone

STATES = ("queued", "sent", "expired", "dead")
_LIVES = 3 * clock.DAY
"""For which a message is tried that was sent again."""


class PersonMustAsk(Refused):
    """The message carried a secret, so it is not sent again."""

    def __init__(self) -> None:
        super().__init__("It carried a code or a link. The person asks for a new one.")


class NothingToSend(Refused):
    """The message is not one that was given up, or what it said has been erased."""

    def __init__(self) -> None:
        super().__init__("Only a message that was given up can be sent again.")


@dataclass(frozen=True)
class Filter:
    """Which messages are looked for; empty members do not narrow it."""

    state: str = ""
    channel: str = ""
    purpose: str = ""
    recipient: str = ""
    """A whole address or number, or a part of a masked one."""


@dataclass(frozen=True)
class Attempt:
    """How one attempt to deliver a message ended."""

    at: int
    outcome: str
    """`sent`, `accepted`, `retried` or `dead`."""
    reason: str | None


def page(
    session: Session, wanted: Filter, *, after: str | None = None, limit: int = 50
) -> SendingPage:
    """One page of the messages that fit, newest first, continued `after` a cursor."""
    query = _narrowed(
        select(OutboxMessage).where(OutboxMessage.tenant_id == tenant_of(session)), wanted
    )
    return outbox.page_of(session, query, after=after, limit=limit)


def get(session: Session, message_id: str) -> Sending:
    """One message; raises `NotFound`."""
    query = select(OutboxMessage).where(
        OutboxMessage.tenant_id == tenant_of(session), OutboxMessage.id == message_id
    )
    found = outbox.page_of(session, query, after=None, limit=1).items
    if not found:
        raise NotFound("message")
    return found[0]


def attempts(session: Session, message_id: str) -> tuple[Attempt, ...]:
    """Every attempt to deliver it, the first one first."""
    query = select(DeliveryAttempt).where(
        DeliveryAttempt.tenant_id == tenant_of(session), DeliveryAttempt.message_id == message_id
    )
    rows = session.scalars(query.order_by(DeliveryAttempt.id))
    return tuple(Attempt(row.created_at, row.outcome, row.reason) for row in rows)


def resend(session: Session, actor: Actor, message_id: str) -> None:
    """Let a message that was given up be tried again for three days.

    Raises `NotFound`, `PersonMustAsk` for one that carries a secret, and `NothingToSend` for one
    that was not given up.
    """
    permissions.demand(actor, "delivery.resend")
    found = get(session, message_id)
    if found.carries_secret:
        raise PersonMustAsk
    now = clock.now()
    key = {"tenant_id": tenant_of(session), "id": message_id, "now": now, "until": now + _LIVES}
    purpose = session.execute(statements.RESEND, key).scalar()
    if purpose is None:
        raise NothingToSend
    record(
        session,
        events.MESSAGE_RESENT,
        actor,
        targets=[("message", message_id)],
        data={"purpose": purpose},
    )


def _narrowed(query: Select[OutboxMessage], wanted: Filter) -> Select[OutboxMessage]:
    for column, value in (
        (OutboxMessage.state, wanted.state),
        (OutboxMessage.channel, wanted.channel),
        (OutboxMessage.purpose, wanted.purpose),
    ):
        if value:
            query = query.where(column == value)
    if wanted.recipient:
        forms = _masked(wanted.recipient.strip())
        query = query.where(
            or_(*(OutboxMessage.recipient.contains(form, autoescape=True) for form in forms))
        )
    return query


def _masked(sought: str) -> list[str]:
    """What is looked for among masked recipients: a whole address or number is masked too."""
    try:
        if "@" in sought.strip("@"):
            return [mask_email(parse_email(sought).deliverable)]
        if sought.startswith("+"):
            return [mask_phone(parse_phone(sought, NO_REGION).key)]
    except (BadAddress, BadPhone):
        pass
    return [sought]
