"""Leasing: each message is handed to one worker at a time, and again when that worker dies.

A lease ends by itself. What a worker reports counts only while its own lease stands, except that a
mail is sent: that is true whoever reports it.
"""

import random
from dataclasses import dataclass

from app import clock
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, Session, is_sqlite, read, write
from app.delivery import statements
from app.delivery.sender import Failure, Pending
from app.ids import new_id
from app.models import DeliveryAttempt

LEASE = 90 * clock.SECOND
_LONGEST_PAUSE = 15 * clock.MINUTE
_LONGEST_OUTAGE_PAUSE = clock.MINUTE
_FIRST_PAUSE = 5 * clock.SECOND
_LONGEST_WISH = 3_600
"""Seconds that a server may ask us to wait."""
_UNTOLD = "taken, not confirmed yet"


@dataclass(frozen=True)
class Leased:
    """A message that this worker may send until `leased_until`."""

    tenant_id: str
    id: str
    created_at: int
    channel: str
    """`mail` or `sms`."""
    purpose: str
    sealed_payload: bytes
    carries_secret: bool
    attempts: int
    """With this one."""
    expires_at: int
    leased_until: int
    operation: str | None = None
    """What the sender calls it, where it has taken it already."""

    @property
    def key(self) -> dict[str, str | int]:
        """What names the row and this lease in a statement."""
        return {"tenant_id": self.tenant_id, "id": self.id, "lease": self.leased_until}


def is_anything_due() -> bool:
    """Whether a message waits to be sent or to expire; opens its own transaction to read."""
    with read(EVERYWHERE) as session:
        return session.execute(statements.DUE, {"now": clock.now()}).first() is not None


def take(limit: int) -> list[Leased]:
    """Lease up to `limit` messages that are due, the longest waiting first, and count the attempt.

    Opens its own transaction.
    """
    now = clock.now()
    lease = statements.LEASE_SQLITE if is_sqlite() else statements.LEASE_POSTGRESQL
    with write(EVERYWHERE) as session:
        found = session.execute(lease, {"now": now, "until": now + LEASE, "limit": limit})
        return sorted((Leased(*row) for row in found), key=lambda each: each.id)


def sent(message: Leased) -> None:
    """The message was handed over: its payload is erased. Opens its own transaction."""
    with write(message.tenant_id) as session:
        session.execute(statements.SENT, {**_named(message), "now": clock.now()})
        _note(session, message, "sent")


def accepted(message: Leased, pending: Pending) -> None:
    """The sender has taken the message and is asked later how it went. Opens its own transaction.

    The payload stays until then.
    """
    moment = clock.now() + pending.after * clock.SECOND
    values = {"operation": pending.operation, "next_attempt_at": moment, "reason": _UNTOLD}
    with write(message.tenant_id) as session:
        session.execute(statements.ACCEPTED, {**message.key, **values})
        if message.operation is None:
            _note(session, message, "accepted", _UNTOLD)


def retry(message: Leased, failure: Failure, *, is_outage: bool) -> None:
    """Try again later: when the server says, or else soon in an outage, which is nobody's fault,
    and with growing pauses for the rest. Opens its own transaction.
    """
    moment = clock.now() + _pause(message, failure, is_outage=is_outage)
    with write(message.tenant_id) as session:
        session.execute(
            statements.RETRY, {**message.key, "next_attempt_at": moment, "reason": failure.reason}
        )
        _note(session, message, "retried", failure.reason)


def give_up(message: Leased, reason: str) -> None:
    """The message is dead: the audit log is told, and the payload erased if it holds a secret.

    Opens its own transaction.
    """
    with write(message.tenant_id) as session:
        key = {**message.key, "reason": reason}
        if session.execute(statements.GIVE_UP, key).first():
            _note(session, message, "dead", reason)
            _tell(session, message.id, message.channel, message.purpose, "dead", reason)


def release(message: Leased) -> None:
    """Hand the message back untried. Opens its own transaction."""
    with write(message.tenant_id) as session:
        session.execute(statements.RELEASE, message.key)


def expire_overdue(limit: int) -> list[str]:
    """Erase up to `limit` messages whose time is over; returns the channel of each.

    Opens its own transactions.
    """
    with read(EVERYWHERE) as session:
        now = clock.now()
        overdue = list(session.execute(statements.OVERDUE, {"now": now, "limit": limit}))
    channels = [_expire(row.tenant_id, row.id) for row in overdue]
    return [channel for channel in channels if channel is not None]


def _expire(tenant_id: str, id: str) -> str | None:
    """The channel of the message; None when somebody else was faster."""
    with write(tenant_id) as session:
        key = {"tenant_id": tenant_id, "id": id, "now": clock.now()}
        expired = session.execute(statements.EXPIRE, key).first()
        if expired:
            reason = expired.last_error or "never tried"
            _tell(session, id, expired.channel, expired.purpose, "expired", reason)
    return expired.channel if expired else None


def _tell(session: Session, id: str, channel: str, purpose: str, state: str, reason: str) -> None:
    data = {"purpose": purpose, "state": state, "reason": reason}
    record(session, events.OUTBOX_DEAD, SYSTEM, targets=[("message", id)], data=data)
    if channel == "sms":
        record(session, events.SMS_SEND_FAILED, SYSTEM, data=data)
    elif purpose.endswith("_code"):
        record(session, events.EMAIL_CODE_SEND_FAILED, SYSTEM, data=data)


def _pause(message: Leased, failure: Failure, *, is_outage: bool) -> int:
    if failure.after is not None:
        return min(failure.after, _LONGEST_WISH) * clock.SECOND
    longest = _LONGEST_OUTAGE_PAUSE if is_outage else _LONGEST_PAUSE
    pause = min(longest, _FIRST_PAUSE << min(message.attempts - 1, 20))
    return round(pause * random.uniform(0.5, 1))  # noqa: S311 (spreads load)


def _note(session: Session, message: Leased, outcome: str, reason: str | None = None) -> None:
    session.add(
        DeliveryAttempt(
            tenant_id=message.tenant_id,
            id=new_id("att"),
            created_at=clock.now(),
            message_id=message.id,
            outcome=outcome,
            reason=reason,
        )
    )


def _named(message: Leased) -> dict[str, str]:
    return {"tenant_id": message.tenant_id, "id": message.id}
