"""Contacts on their way into an account: codes that are out, with the very address they went to.

What was begun by whoever had the account must not outlive them: a recovery, and an owner who takes
an address from somebody who used it unverified, void it all.
"""

from dataclasses import dataclass

from app import clock
from app.database import Session, named, tenant_of
from app.models import OneTime

KIND = "contact_change"
"""The kind of their rows; the payload has `kind`, `value` and `key` of the identifier."""

_LIST = named(
    """SELECT id, payload, created_at, expires_at FROM one_time
       WHERE tenant_id = :tenant_id AND kind = 'contact_change' AND subject = :user_id
         AND consumed_at IS NULL AND expires_at > :now
       ORDER BY id"""
).columns(payload=OneTime.__table__.c.payload.type)
_VOID = named(
    """UPDATE one_time SET consumed_at = :now
       WHERE tenant_id = :tenant_id AND kind IN ('contact_change', 'totp_enrolment')
         AND subject = :user_id AND consumed_at IS NULL"""
)


@dataclass(frozen=True)
class PendingContact:
    """An address or number that waits for its code. Times in milliseconds."""

    id: str
    kind: str
    value: str
    created_at: int
    expires_at: int


def list_of_user(session: Session, user_id: str) -> tuple[PendingContact, ...]:
    """What waits for its code now, oldest first; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    return tuple(
        PendingContact(
            row.id, row.payload["kind"], row.payload["value"], row.created_at, row.expires_at
        )
        for row in session.execute(_LIST, values)
    )


def void(session: Session, user_id: str) -> None:
    """Let no code that is out add anything to the account any more, contact or authenticator."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    session.execute(_VOID, values)
