"""Grants: what users allowed clients, remembered until they take it back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import families, permissions, statements
from app.directory.errors import NotFound, StaleRow
from app.ids import new_id
from app.models import Client
from app.models import Grant as GrantRow


@dataclass(frozen=True)
class Grant:
    """What one user allowed one client. Times in milliseconds."""

    id: str
    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: int
    updated_at: int
    row_version: int


@dataclass(frozen=True)
class ListedGrant:
    """A grant in its user's list of applications."""

    id: str
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    created_at: int


def get(session: Session, user_id: str, client_id: str) -> Grant | None:
    """What the user allowed the client so far; None when nothing; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "client_id": client_id}
    row = session.execute(statements.FIND_GRANT, values).first()
    return Grant(**{**row._mapping, "scopes": tuple(row.scopes)}) if row else None


def remember(
    session: Session, actor: Actor, user_id: str, client_id: str, scopes: Iterable[str]
) -> Grant:
    """Add `scopes` to what the user allowed the client, and return all of it.

    One statement and no event when nothing is new. Raises `StaleRow` when another request changed
    the grant at the same moment.
    """
    permissions.demand(actor, "grant.remember", user_id)
    wanted = frozenset(scopes)
    known = get(session, user_id, client_id)
    if known is not None and wanted <= set(known.scopes):
        return known
    if known is None:
        grant = _add(session, user_id, client_id, wanted)
    else:
        grant = _widen(session, known, wanted)
    record(
        session,
        events.CONSENT_GRANTED,
        actor,
        subject_id=user_id,
        targets=[("client", client_id), ("grant", grant.id)],
        data={"scopes": sorted(wanted)},
    )
    return grant


def revoke(session: Session, actor: Actor, grant_id: str) -> None:
    """Take back what a user allowed a client; its token families end. Raises `NotFound`; to a user
    `Forbidden` for any grant but their own."""
    row = session.get(GrantRow, (tenant_of(session), grant_id))
    permissions.demand(actor, "grant.revoke", row.user_id if row else None)
    if row is None:
        raise NotFound("grant")
    user_id, client_id = row.user_id, row.client_id
    families.revoke_of_grant(session, actor, grant_id, user_id, "consent_revoked")
    session.delete(row)
    targets = [("client", client_id), ("grant", grant_id)]
    record(session, events.CONSENT_REVOKED, actor, subject_id=user_id, targets=targets)


def list_of_user(session: Session, user_id: str) -> list[ListedGrant]:
    """What a user allowed which clients, newest first."""
    query = (
        select(GrantRow, Client.name)
        .join(Client, (Client.tenant_id == GrantRow.tenant_id) & (Client.id == GrantRow.client_id))
        .where(GrantRow.tenant_id == tenant_of(session), GrantRow.user_id == user_id)
        .order_by(GrantRow.id.desc())
    )
    return [
        ListedGrant(row.id, row.client_id, name, tuple(row.scopes), row.created_at)
        for row, name in session.execute(query)
    ]


def _add(session: Session, user_id: str, client_id: str, scopes: frozenset[str]) -> Grant:
    now, grant_id = clock.now(), new_id("grt")
    values = {
        "tenant_id": tenant_of(session),
        "id": grant_id,
        "now": now,
        "user_id": user_id,
        "client_id": client_id,
        "scopes": sorted(scopes),
    }
    if session.execute(statements.ADD_GRANT, values).first() is not None:
        return Grant(grant_id, user_id, client_id, tuple(sorted(scopes)), now, now, 1)
    known = get(session, user_id, client_id)
    if known is None:
        raise StaleRow
    return known if scopes <= set(known.scopes) else _widen(session, known, scopes)


def _widen(session: Session, known: Grant, scopes: frozenset[str]) -> Grant:
    now, together = clock.now(), tuple(sorted(scopes | set(known.scopes)))
    values = {
        "tenant_id": tenant_of(session),
        "id": known.id,
        "now": now,
        "scopes": list(together),
        "row_version": known.row_version,
    }
    if session.execute(statements.WIDEN_GRANT, values).first() is None:
        raise StaleRow
    return replace(known, scopes=together, updated_at=now, row_version=known.row_version + 1)
