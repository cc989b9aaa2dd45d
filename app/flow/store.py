"""Flows in the database. A flow's row carries a version; whoever saves an old one learns so."""

from dataclasses import replace
from typing import Any

from sqlalchemy import JSON, bindparam
from sqlalchemy.orm import Session

from app import clock
from app.database import named, read, tenant_of
from app.flow.asked import Asked
from app.flow.continuation import continuations
from app.flow.facts import Facts
from app.flow.run import Flow

_JSON_IN = (bindparam("continuation", type_=JSON), bindparam("facts", type_=JSON))
_JSON_OUT = {"continuation": JSON(), "facts": JSON()}

_INSERT = named(
    """INSERT INTO flow (tenant_id, id, created_at, kind, state, binding, is_headless,
                         continuation, facts, version, epoch, expires_at)
       VALUES (:tenant_id, :id, :now, :kind, :state, :binding, :is_headless,
               :continuation, :facts, 1, :epoch, :expires_at)
       ON CONFLICT (tenant_id, id) DO NOTHING RETURNING version"""
).bindparams(*_JSON_IN)
_UPDATE = named(
    """UPDATE flow SET kind = :kind, state = :state, facts = :facts, version = version + 1
       WHERE tenant_id = :tenant_id AND id = :id AND version = :version AND state = 'running'
       RETURNING version"""
).bindparams(bindparam("facts", type_=JSON))
_SELECT = named(
    """SELECT id, kind, state, binding, is_headless, continuation, facts, version, epoch,
              expires_at
       FROM flow WHERE tenant_id = :tenant_id AND id = :id"""
).columns(**_JSON_OUT)


class Superseded(Exception):
    """The flow moved on since it was loaded: a double submit, or another tab of the same flow."""


def load(tenant_id: str, flow_id: str) -> Flow | None:
    """The flow as it stands; None when it has no row."""
    with read(tenant_id) as session:
        row = session.execute(_SELECT, {"tenant_id": tenant_id, "id": flow_id}).first()
    if row is None:
        return None
    return Flow(
        id=row.id,
        kind=row.kind,
        binding=row.binding,
        continuation=continuations.validate_python(row.continuation["completes"]),
        asked=Asked.model_validate(row.continuation["asked"]),
        epoch=row.epoch,
        expires_at=row.expires_at,
        facts=Facts.model_validate(row.facts),
        is_headless=bool(row.is_headless),
        is_finished=row.state == "finished",
        version=row.version,
    )


def save(session: Session, flow: Flow, *, finished: bool = False) -> Flow:
    """Write the flow in the caller's transaction; returns it with its new version.

    Raises `Superseded` when the row is not the one that was loaded, or already finished.
    """
    values: dict[str, Any] = {
        "tenant_id": tenant_of(session),
        "id": flow.id,
        "kind": flow.kind,
        "state": "finished" if finished else "running",
        "facts": flow.facts.model_dump(mode="json", exclude_defaults=True),
    }
    if flow.version:
        saved = session.execute(_UPDATE, values | {"version": flow.version}).first()
    else:
        saved = session.execute(_INSERT, values | _born(flow)).first()
    if saved is None:
        raise Superseded(flow.id)
    return replace(flow, version=saved.version, is_finished=finished)


def _born(flow: Flow) -> dict[str, Any]:
    return {
        "now": clock.now(),
        "binding": flow.binding,
        "is_headless": flow.is_headless,
        "continuation": {
            "completes": flow.continuation.model_dump(),
            "asked": flow.asked.model_dump(mode="json", exclude_defaults=True),
        },
        "epoch": flow.epoch,
        "expires_at": flow.expires_at,
    }
