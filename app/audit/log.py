"""Writes and reads the audit log: every event in the transaction of the act that it tells of."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, LargeBinary, bindparam, select

from app import clock
from app.actor import Actor
from app.audit import personal as personal_data
from app.audit.events import REGISTRY
from app.database import EVERYWHERE, Session, flow_of, named, tenant_of
from app.ids import new_id
from app.models import AuditEvent, Document

_INSERT_FOR_TENANT = named(
    """INSERT INTO audit_event (tenant_id, id, created_at, event, actor_kind, actor_id, subject_id,
         targets, request_id, flow_id, data, personal, personal_digest)
       VALUES (:of_tenant, :id, :created_at, :event, :actor_kind, :actor_id, :subject_id,
         :targets, :request_id, :flow_id, :data, :personal, :personal_digest)""",
    everywhere=True,
).bindparams(
    bindparam("targets", type_=JSON),
    bindparam("data", type_=JSON),
    bindparam("personal", type_=LargeBinary),
)


@dataclass(frozen=True)
class Entry:
    """One event as it is read."""

    id: str
    at: int
    """Milliseconds since the epoch."""
    event: str
    actor_kind: str
    actor_id: str | None
    subject_id: str | None
    targets: tuple[Document, ...]
    request_id: str | None
    flow_id: str | None
    """The flow in whose transaction it happened."""
    data: Document
    personal: personal_data.Personal
    """Network address, user agent and the like; empty once the subject was erased."""


@dataclass(frozen=True)
class Entries:
    """One page of events, newest first, and where the next begins; None at the end."""

    items: tuple[Entry, ...]
    next_cursor: str | None


def record(
    session: Session,
    event: str,
    actor: Actor,
    *,
    subject_id: str | None = None,
    targets: Iterable[tuple[str, str]] = (),
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    tenant_id: str | None = None,
) -> None:
    """Write one event inside the caller's transaction.

    `targets` are (kind, id) pairs. The actor's network address and user agent join `personal`.
    A session across tenants must say which `tenant_id` the event belongs to. Raises KeyError for an
    event that the registry does not know.
    """
    tenant = tenant_id or tenant_of(session)
    row_id = new_id("evt")
    known = {"address": actor.address, "user_agent": actor.user_agent, **(personal or {})}
    private = {name: value[:500] for name, value in known.items() if value}
    sealed = personal_data.seal(session, tenant, row_id, subject_id, private)
    row = {
        "id": row_id,
        "created_at": clock.now(),
        "event": REGISTRY[event].id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "subject_id": subject_id,
        "targets": [{"kind": kind, "id": target_id} for kind, target_id in targets],
        "request_id": actor.request_id,
        "flow_id": flow_of(session),
        "data": dict(data or {}),
        "personal": sealed,
        "personal_digest": hashlib.sha256(sealed).hexdigest() if sealed else None,
    }
    if tenant_of(session) == EVERYWHERE:
        session.execute(_INSERT_FOR_TENANT, {**row, "of_tenant": tenant})
    else:
        # Left to the flush, so that all events of a transaction are one statement.
        session.add(AuditEvent(tenant_id=tenant, **row))


def list_page(
    session: Session,
    *,
    after: str | None = None,
    limit: int = 50,
    event: str | None = None,
    among: Collection[str] | None = None,
    subject_id: str | None = None,
    since: int | None = None,
) -> Entries:
    """One page of events, newest first, continued `after` the cursor of the page before; maybe only
    one event, or those `among` some."""
    query = select(AuditEvent).where(
        AuditEvent.tenant_id == tenant_of(session), AuditEvent.emptied.is_(None)
    )
    if after is not None:
        query = query.where(AuditEvent.id < after)
    if event is not None:
        query = query.where(AuditEvent.event == event)
    if among is not None:
        query = query.where(AuditEvent.event.in_(among))
    if subject_id is not None:
        query = query.where(AuditEvent.subject_id == subject_id)
    if since is not None:
        query = query.where(AuditEvent.created_at >= since)
    rows = list(session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit + 1)))
    items = tuple(entry_of(session, row) for row in rows[:limit])
    return Entries(items, items[-1].id if len(rows) > limit else None)


def entry_of(session: Session, row: AuditEvent, *, with_personal: bool = True) -> Entry:
    """The event of a row, personal data opened or left out."""
    opened = (
        personal_data.unseal(session, row.id, row.subject_id, row.personal) if with_personal else {}
    )
    return Entry(
        id=row.id,
        at=row.created_at,
        event=row.event,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        subject_id=row.subject_id,
        targets=tuple(row.targets),
        request_id=row.request_id,
        flow_id=row.flow_id,
        data=row.data,
        personal=opened,
    )
