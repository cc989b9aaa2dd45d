"""What hangs on connections: who is known by them, the sessions that came from there, reports, and
messages on their way."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.database import Session, tenant_of
from app.models import LinkedIdentity, UpstreamMessage, UpstreamReport, UpstreamSession


def drop(session: Session, connection_ids: Sequence[str]) -> None:
    """Delete all of it; people and their sessions here stay."""
    for hanging in (LinkedIdentity, UpstreamSession, UpstreamReport, UpstreamMessage):
        session.execute(
            sa.delete(hanging)
            .where(
                hanging.tenant_id == tenant_of(session),
                hanging.connection_id.in_(connection_ids),
            )
            .execution_options(synchronize_session=False)
        )
