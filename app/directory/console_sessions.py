"""Sessions of the console: each hangs on the sign-in at the console's tenant that it came from, and
ends with it."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from app import clock, single_use
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, read
from app.directory import permissions
from app.directory.admins import Standing
from app.directory.tenants import Tenant
from app.security import random_token

LIVES: Final = 12 * 3_600
"""Seconds."""
_KIND = "console_session"
_WHO = named(
    """SELECT i.value AS email,
         r.administered_id, r.organization_id, r.role
       FROM session s
       JOIN "user" u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status = 'active'
       LEFT JOIN identifier i
         ON i.tenant_id = u.tenant_id AND i.user_id = u.id AND i.kind = 'email' AND i.is_primary
       LEFT JOIN admin_role r ON r.tenant_id = u.tenant_id AND r.holder = u.id
       WHERE s.tenant_id = :tenant_id AND s.id = :session_id AND s.user_id = :user_id
         AND s.ended_at IS NULL AND s.idle_until > :now AND s.expires_at > :now
         AND s.epoch = :epoch
       ORDER BY r.id"""
)


@dataclass(frozen=True)
class ConsoleSession:
    """Somebody signed in to the console, with the roles that they have now. Times in
    milliseconds."""

    id: str
    session_id: str
    """The session at the console's tenant, by its sid."""
    user_id: str
    email: str | None
    auth_time: int
    """When they last proved who they are, by this console session."""
    standings: tuple[Standing, ...]

    @property
    def reaches_all(self) -> bool:
        """Whether some role of theirs is for every tenant."""
        return any(each.administered_id is None for each in self.standings)


def open(  # noqa: A001 - console_sessions.open reads as what it does.
    session: Session,
    actor: Actor,
    console: Tenant,
    *,
    user_id: str,
    session_id: str,
    auth_time: int,
) -> str:
    """Begin one for whoever has just come back from the sign-in; returns the cookie's value. One
    that hangs on the same sign-in ends. `auth_time` is in seconds, as in an ID token."""
    permissions.demand(actor, "admin.sign_in", user_id)
    single_use.supersede(session, _KIND, subject=user_id, binding=session_id)
    secret = random_token()
    row_id = single_use.issue(
        session,
        _KIND,
        subject=user_id,
        binding=session_id,
        secret=secret,
        lives=LIVES,
        epoch=console.epoch,
        payload={"auth_time": auth_time * clock.SECOND},
    )
    record(session, events.ADMIN_SIGNED_IN, actor, subject_id=user_id)
    return f"{row_id}.{secret}"


def find(console: Tenant, value: str) -> ConsoleSession | None:
    """Whoever holds this cookie now; None where it, the sign-in behind it, or the account has
    ended. Two statements."""
    row = single_use.presented(console.id, _KIND, value)
    if row is None:
        return None
    values = {
        "tenant_id": console.id,
        "session_id": row.binding,
        "user_id": row.subject,
        "now": clock.now(),
        "epoch": console.epoch,
    }
    with read(console.id) as session:
        rows = session.execute(_WHO, values).all()
    return _of(row, rows) if rows else None


def end(session: Session, actor: Actor, found: ConsoleSession) -> None:
    """Nobody gets in by it any more; the sign-in at the console's tenant stays."""
    permissions.demand(actor, "admin.sign_out", found.user_id)
    single_use.supersede(session, _KIND, subject=found.user_id, binding=found.session_id)


def _of(row: single_use.OneTimeRow, rows: Any) -> ConsoleSession:
    first: Row[Any] = rows[0]
    return ConsoleSession(
        id=row.id,
        session_id=row.binding,
        user_id=row.subject,
        email=first.email,
        auth_time=int(row.payload["auth_time"]),
        standings=tuple(
            Standing(each.administered_id, each.organization_id, each.role)
            for each in rows
            if each.role is not None
        ),
    )
