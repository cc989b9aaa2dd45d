"""What goes with an organization: its places, invitations, domains, and connections with all that
hangs on them."""

import sqlalchemy as sa
from sqlalchemy import select

from app.database import Session, tenant_of
from app.models import (
    Connection,
    DomainClaim,
    Invitation,
    LinkedIdentity,
    Membership,
    UpstreamMessage,
    UpstreamReport,
)


def drop(session: Session, organization_id: str) -> None:
    """Delete all of it; users stay, though nobody is known any more by its connections."""
    its_connections = select(Connection.id).where(
        Connection.tenant_id == tenant_of(session), Connection.organization_id == organization_id
    )
    for hanging in (LinkedIdentity, UpstreamReport, UpstreamMessage):
        _delete(session, hanging, hanging.connection_id.in_(its_connections))
    for held in (Membership, Invitation, DomainClaim, Connection):
        _delete(session, held, held.organization_id == organization_id)


def _delete(
    session: Session,
    rows: type[
        Membership
        | Invitation
        | DomainClaim
        | Connection
        | LinkedIdentity
        | UpstreamReport
        | UpstreamMessage
    ],
    which: sa.ColumnElement[bool],
) -> None:
    session.execute(
        sa.delete(rows)
        .where(rows.tenant_id == tenant_of(session), which)
        .execution_options(synchronize_session=False)
    )
