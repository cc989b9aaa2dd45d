"""What providers had browsers post, put down until the flow reads it; rows are never changed."""

from collections.abc import Mapping

from sqlalchemy import select

from app import clock
from app.database import Session, read, tenant_of
from app.ids import new_id
from app.models import UpstreamMessage
from app.security import random_token

LIVES = 2 * clock.MINUTE
"""Milliseconds."""


def put_down(
    session: Session, connection_id: str, fields: Mapping[str, str], lives: int = LIVES
) -> str:
    """Keep the fields for two minutes; returns what finds them again, which nobody can guess and
    which fits into a RelayState."""
    row_id = f"{new_id('msg')}-{random_token()}"
    session.add(
        UpstreamMessage(
            tenant_id=tenant_of(session),
            id=row_id,
            created_at=clock.now(),
            connection_id=connection_id,
            body=dict(fields),
            expires_at=clock.now() + lives,
        )
    )
    return row_id


def find(tenant_id: str, connection_id: str, message_id: str) -> dict[str, str] | None:
    """The fields, while they are kept and were posted to this connection; None otherwise."""
    query = select(UpstreamMessage.body).where(
        UpstreamMessage.tenant_id == tenant_id,
        UpstreamMessage.id == message_id,
        UpstreamMessage.connection_id == connection_id,
        UpstreamMessage.expires_at > clock.now(),
    )
    with read(tenant_id) as session:
        return session.scalar(query)
