"""Events of one tenant, sealed, exported, and tampered with as whoever can write to the database
would."""

import json
from collections.abc import Callable
from typing import Any

from app import clock
from app.actor import Actor
from app.audit import events, exporting, sealing, verifying
from app.audit.log import record
from app.audit.verifying import Verdict
from app.database import named, read, write
from app.directory.tenants import Tenant

CHANGE_EVENT = "UPDATE audit_event SET {} WHERE tenant_id = :tenant_id AND id = :id"
VISITOR = Actor("user", None, "203.0.113.9", "Firefox", "req_1")
_IDS = named(
    """SELECT id FROM audit_event WHERE tenant_id = :tenant_id AND sequence IS NOT NULL
       ORDER BY sequence"""
)


def happen(tenant: Tenant, times: int, event: str = events.PASSWORD_FAILED) -> None:
    """Write events, each in a transaction of its own."""
    for number in range(times):
        with write(tenant.id) as session:
            record(session, event, VISITOR, data={"number": number})


def seal() -> int:
    """Let the events settle, and seal them all; returns how many there were."""
    clock.move(2 * sealing.SETTLED_AFTER / clock.SECOND)
    sealed = 0
    while batch := sealing.run_once():
        sealed += batch
    return sealed


def sealed_ids(tenant: Tenant) -> list[str]:
    """The ids of the sealed events in the chain's order."""
    with read(tenant.id) as session:
        return list(session.scalars(_IDS, {"tenant_id": tenant.id}))


def exported(tenant: Tenant) -> list[str]:
    """The lines of the tenant's chain."""
    with read(tenant.id) as session:
        return list(exporting.lines(session))


def verdict(tenant: Tenant, **options: Any) -> Verdict:
    """The verdict on the tenant's chain as it is now."""
    return verifying.verify(exported(tenant), **options)


def change(tenant: Tenant, sql: str, **values: Any) -> None:
    """Write to the database behind AuthPage's back."""
    with write(tenant.id) as session:
        session.execute(named(sql), {"tenant_id": tenant.id, **values})


def edited(lines: list[str], number: int, edit: Callable[[dict[str, Any]], None]) -> list[str]:
    """The lines with one of them (0: the first, about the chain) changed."""
    document = json.loads(lines[number])
    edit(document)
    return [*lines[:number], json.dumps(document) + "\n", *lines[number + 1 :]]


def faults(found: Verdict) -> list[tuple[str, int | None]]:
    """Kind and place of each fault."""
    return [(each.kind, each.sequence) for each in found.faults]
