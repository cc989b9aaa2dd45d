"""Who is known by which subject at which connection."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import link_requests, permissions
from app.directory.errors import NotFound, Taken
from app.ids import new_id
from app.models import Connection, LinkedIdentity

_INSERT = named(
    """INSERT INTO linked_identity (tenant_id, id, created_at, connection_id, user_id, subject,
         generation, label, last_used_at)
       VALUES (:tenant_id, :id, :now, :connection_id, :user_id, :subject,
         :generation, :label, :now)
       ON CONFLICT (tenant_id, connection_id, subject) DO NOTHING RETURNING id"""
)


@dataclass(frozen=True)
class Linked:
    """A tie as its owner sees it. Times in milliseconds."""

    id: str
    user_id: str
    connection_id: str
    connection_name: str
    provider: str
    subject: str
    label: str | None
    created_at: int
    last_used_at: int


def find(session: Session, connection_id: str, subject: str) -> str | None:
    """The id of the user whom the subject is, by a tie of the connection's present generation."""
    query = (
        select(LinkedIdentity.user_id)
        .join(Connection, _of_connection())
        .where(
            LinkedIdentity.tenant_id == tenant_of(session),
            LinkedIdentity.connection_id == connection_id,
            LinkedIdentity.subject == subject,
            LinkedIdentity.generation == Connection.generation,
        )
    )
    return session.scalar(query)


def of_user(session: Session, user_id: str) -> Sequence[Linked]:
    """The user's ties, oldest first; those of an older generation are left out."""
    query = (
        select(LinkedIdentity, Connection.name, Connection.provider)
        .join(Connection, _of_connection())
        .where(
            LinkedIdentity.tenant_id == tenant_of(session),
            LinkedIdentity.user_id == user_id,
            LinkedIdentity.generation == Connection.generation,
        )
        .order_by(LinkedIdentity.id)
    )
    return [_view(*found) for found in session.execute(query)]


def link(
    session: Session,
    actor: Actor,
    user_id: str,
    *,
    connection_id: str,
    generation: int,
    subject: str,
    label: str | None,
) -> str | None:
    """Tie the subject to the user; what an older generation left of it is replaced. Returns the
    id of the new tie, None where just this tie stands already, and ends every link that waits for
    the user at the connection (A10).

    Raises `Taken` when the subject is somebody else's.
    """
    permissions.demand(actor, "identity.link", user_id)
    link_requests.void(session, user_id, connection_id)
    owner = find(session, connection_id, subject)
    if owner == user_id:
        return None
    if owner is not None:
        raise Taken("identity")
    _forget_older(session, connection_id, subject, generation)
    row_id = new_id("lid")
    values = {
        "tenant_id": tenant_of(session),
        "id": row_id,
        "now": clock.now(),
        "connection_id": connection_id,
        "user_id": user_id,
        "subject": subject,
        "generation": generation,
        "label": label,
    }
    if session.scalar(_INSERT, values) is None:
        if find(session, connection_id, subject) != user_id:  # Another browser was first.
            raise Taken("identity")
        return None
    targets = [("connection", connection_id), ("identity", row_id)]
    record(session, events.IDENTITY_LINKED, actor, subject_id=user_id, targets=targets)
    return row_id


def unlink(session: Session, actor: Actor, user_id: str, linked_id: str) -> str:
    """Undo a tie of the user, and end every link that waits for them at its connection (A10);
    returns the connection's id. Raises `NotFound`. That the person keeps another way in, the
    caller sees to (`ways_in`)."""
    permissions.demand(actor, "identity.unlink", user_id)
    found: str | None = session.scalar(
        sa.delete(LinkedIdentity)
        .where(
            LinkedIdentity.tenant_id == tenant_of(session),
            LinkedIdentity.user_id == user_id,
            LinkedIdentity.id == linked_id,
        )
        .returning(LinkedIdentity.connection_id)
    )
    if found is None:
        raise NotFound("identity")
    link_requests.void(session, user_id, found)
    targets = [("connection", found), ("identity", linked_id)]
    record(session, events.IDENTITY_UNLINKED, actor, subject_id=user_id, targets=targets)
    return found


def unlink_all(session: Session, user_id: str) -> int:
    """Drop every tie of a user, as eviction and erasure do; returns how many there were."""
    dropped = session.scalars(
        sa.delete(LinkedIdentity)
        .where(LinkedIdentity.tenant_id == tenant_of(session), LinkedIdentity.user_id == user_id)
        .returning(LinkedIdentity.id)
    )
    return len(dropped.all())


def touch(session: Session, connection_id: str, subject: str, label: str | None) -> None:
    """Note that the tie was used just now, and what the provider calls the person today."""
    session.execute(
        sa.update(LinkedIdentity)
        .where(
            LinkedIdentity.tenant_id == tenant_of(session),
            LinkedIdentity.connection_id == connection_id,
            LinkedIdentity.subject == subject,
        )
        .values(last_used_at=clock.now(), label=label)
        .execution_options(synchronize_session=False)
    )


def _forget_older(session: Session, connection_id: str, subject: str, generation: int) -> None:
    session.execute(
        sa.delete(LinkedIdentity).where(
            LinkedIdentity.tenant_id == tenant_of(session),
            LinkedIdentity.connection_id == connection_id,
            LinkedIdentity.subject == subject,
            LinkedIdentity.generation < generation,
        )
    )


def _of_connection() -> sa.ColumnElement[bool]:
    return (Connection.tenant_id == LinkedIdentity.tenant_id) & (
        Connection.id == LinkedIdentity.connection_id
    )


def _view(row: LinkedIdentity, name: str, provider: str) -> Linked:
    return Linked(
        id=row.id,
        user_id=row.user_id,
        connection_id=row.connection_id,
        connection_name=name,
        provider=provider,
        subject=row.subject,
        label=row.label,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
