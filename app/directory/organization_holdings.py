"""What goes with an organization: its places, invitations, domains, and connections with all that
hangs on them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select

from app import clock
from app.database import Session, tenant_of
from app.directory import connection_holdings, settings_store
from app.models import Connection, DomainClaim, Invitation, Membership, Organization

_Held = type[Membership | Invitation | DomainClaim | Connection]


@dataclass(frozen=True)
class Holdings:
    """How much an organization has."""

    members: int
    invitations: int
    """Those that wait for an answer."""
    domains: int
    connections: int
    below: int
    """Organizations that stand directly below it."""


def count(session: Session, organization_id: str) -> Holdings:
    """How much goes with an organization, and what keeps it from going."""
    tenant_id = tenant_of(session)
    below = select(func.count()).where(
        Organization.tenant_id == tenant_id, Organization.parent_id == organization_id
    )
    waiting = (
        Invitation.accepted_at.is_(None),
        Invitation.declined_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    return Holdings(
        members=_count(session, Membership, organization_id),
        invitations=_count(session, Invitation, organization_id, *waiting),
        domains=_count(session, DomainClaim, organization_id),
        connections=_count(session, Connection, organization_id),
        below=session.scalar(below) or 0,
    )


def drop(session: Session, organization_id: str) -> None:
    """Delete all of it; users stay, though nobody is known any more by its connections."""
    its_connections = select(Connection.id).where(
        Connection.tenant_id == tenant_of(session), Connection.organization_id == organization_id
    )
    connection_holdings.drop(session, session.scalars(its_connections).all())
    for held in (Membership, Invitation, DomainClaim, Connection):
        session.execute(
            sa.delete(held)
            .where(held.tenant_id == tenant_of(session), held.organization_id == organization_id)
            .execution_options(synchronize_session=False)
        )
    settings_store.forget(session, organization_id)


def _count(
    session: Session, rows: _Held, organization_id: str, *which: sa.ColumnElement[bool]
) -> int:
    query = select(func.count()).where(
        rows.tenant_id == tenant_of(session), rows.organization_id == organization_id, *which
    )
    return session.scalar(query) or 0
