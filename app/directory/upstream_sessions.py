"""Which session at which provider a session of ours came from, so that both can end together."""

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions, sessions
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import UpstreamSession
from app.security import CannotUnseal, keyring

BECAUSE = "provider_logout"


class Login(BaseModel):
    """What a provider's logout messages call a person and their session there. Plain data, so that
    it can wait in a flow's facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection_id: str
    subject: str
    """The NameID's text, or `sub`."""
    session_index: str | None = None
    name_id: str | None = None
    sealed_id_token: str | None = None


@dataclass(frozen=True)
class Kept:
    """A login of a session of ours, with the ID token in clear. Holds a secret."""

    connection_id: str
    subject: str
    session_index: str | None
    name_id: str | None
    id_token: str | None


def seal(tenant_id: str, id_token: str) -> str:
    """The ID token as `Login` carries it."""
    return base64.b64encode(keyring().seal(id_token.encode(), _context(tenant_id))).decode()


def keep(session: Session, tenant: Tenant, session_id: str, user_id: str, login: Login) -> None:
    """Remember the login for as long as the session of ours may live."""
    sealed = login.sealed_id_token
    now = clock.now()
    session.add(
        UpstreamSession(
            tenant_id=tenant_of(session),
            id=new_id("ups"),
            created_at=now,
            session_id=session_id,
            user_id=user_id,
            connection_id=login.connection_id,
            subject=login.subject,
            session_index=login.session_index,
            name_id=login.name_id,
            sealed=base64.b64decode(sealed) if sealed else None,
            expires_at=now + tenant.settings.lifetimes.session_absolute * clock.SECOND,
        )
    )


def of_sessions(session: Session, session_ids: Collection[str]) -> Sequence[Kept]:
    """The logins behind these sessions of ours, the latest first."""
    query = (
        select(UpstreamSession)
        .where(
            UpstreamSession.tenant_id == tenant_of(session),
            UpstreamSession.session_id.in_(session_ids),
        )
        .order_by(UpstreamSession.id.desc())
    )
    return [_kept(row) for row in session.scalars(query)]


def end(
    session: Session,
    actor: Actor,
    connection_id: str,
    subject: str,
    session_indexes: Collection[str] = (),
) -> int:
    """End our sessions that came from the subject's at the connection, or from those of these
    indexes alone; returns how many ended."""
    permissions.demand(actor, "session.end")
    query = select(UpstreamSession.session_id, UpstreamSession.user_id).where(
        UpstreamSession.tenant_id == tenant_of(session),
        UpstreamSession.connection_id == connection_id,
        UpstreamSession.subject == subject,
    )
    if session_indexes:
        query = query.where(UpstreamSession.session_index.in_(session_indexes))
    found = session.execute(query).all()
    ended = [_end(session, actor, row.session_id) for row in found]
    targets = [("connection", connection_id)]
    record(session, events.UPSTREAM_LOGGED_OUT, actor, targets=targets, data={"ended": sum(ended)})
    return sum(ended)


def forget(session: Session, user_id: str) -> None:
    """Drop what is kept of a user."""
    session.execute(
        sa.delete(UpstreamSession).where(
            UpstreamSession.tenant_id == tenant_of(session), UpstreamSession.user_id == user_id
        )
    )


def _end(session: Session, actor: Actor, session_id: str) -> bool:
    try:
        return sessions.end(session, actor, session_id, BECAUSE)
    except NotFound:
        return False  # Long over, and its row gone.


def _kept(row: UpstreamSession) -> Kept:
    return Kept(row.connection_id, row.subject, row.session_index, row.name_id, _id_token(row))


def _id_token(row: UpstreamSession) -> str | None:
    """A hint is no loss: without the key that sealed it there is none."""
    try:
        return (
            keyring().unseal(row.sealed, _context(row.tenant_id)).decode() if row.sealed else None
        )
    except CannotUnseal:
        return None


def _context(tenant_id: str) -> str:
    return f"{tenant_id}/upstream_session"
