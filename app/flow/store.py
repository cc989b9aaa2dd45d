"""Flows in the database. A flow's row carries a version; whoever saves an old one learns so."""

from dataclasses import replace
from typing import Any

from sqlalchemy import JSON, bindparam
from sqlalchemy.orm import Session

from app import clock, support_codes
from app.database import named, read, tenant_of
from app.flow.asked import Asked
from app.flow.continuation import continuations
from app.flow.facts import Facts
from app.flow.run import Flow
from app.security import keyring

_JSON_IN = tuple(bindparam(name, type_=JSON) for name in ("continuation", "facts", "trace"))
_JSON_OUT = {"continuation": JSON(), "facts": JSON(), "trace": JSON()}
_ADDRESS = "flow address"

_INSERT = named(
    """INSERT INTO flow (tenant_id, id, created_at, kind, state, binding, is_headless,
                         continuation, facts, version, epoch, expires_at, trace, support_code,
                         address_hash, client_id)
       VALUES (:tenant_id, :id, :now, :kind, :state, :binding, :is_headless,
               :continuation, :facts, 1, :epoch, :expires_at, :trace, :support_code,
               :address_hash, :client_id)
       ON CONFLICT (tenant_id, id) DO NOTHING RETURNING version"""
).bindparams(*_JSON_IN)
_UPDATE = named(
    """UPDATE flow SET kind = :kind, state = :state, facts = :facts, version = version + 1,
         trace = :trace, address_hash = COALESCE(:address_hash, address_hash)
       WHERE tenant_id = :tenant_id AND id = :id AND version = :version AND state = 'running'
       RETURNING version"""
).bindparams(*_JSON_IN[1:])
_SELECT = named(
    """SELECT id, kind, state, binding, is_headless, continuation, facts, version, epoch,
              expires_at, trace
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
        trace=tuple(row.trace or ()),
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
        "trace": list(flow.trace),
        "address_hash": _address_hash(tenant_of(session), flow),
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
        "support_code": flow.id[-support_codes.LENGTH :],
        "client_id": flow.asked.client_id,
    }


def address_hash(tenant_id: str, key: str) -> str:
    """By what the flows of an address, number or name are found; `key` is its canonical form."""
    return keyring().hash(_ADDRESS, tenant_id, key)


def _address_hash(tenant_id: str, flow: Flow) -> str | None:
    pending = flow.facts.sign_up
    named = flow.facts.identifier or (pending.email if pending else None)
    return address_hash(tenant_id, named.key) if named else None
