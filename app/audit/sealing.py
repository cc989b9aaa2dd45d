"""The sealer: puts events into their tenant's chain, some time after they were written.

An act must not wait for the chain, and the order in which transactions begin is not the one in
which they commit. So an event is sealed once it is older than any transaction can be, in the order
of ids; one that comes to light even later is sealed after the others, and the verifier names it.
"""

from dataclasses import replace

import structlog
from sqlalchemy import JSON, Row
from sqlalchemy.orm import Session

from app import clock
from app.audit import chain_row, counting
from app.audit.chain import link_of
from app.audit.chain_row import Chain, ChainBroken
from app.database import EVERYWHERE, named, read, tenant_of, write

SETTLED_AFTER = clock.MINUTE
"""Milliseconds: longer than any transaction that writes an event."""
BATCH = 200
_MOST_TENANTS = 100

_WAITING = named(
    """SELECT DISTINCT tenant_id FROM audit_event
       WHERE sequence IS NULL AND created_at < :before ORDER BY tenant_id LIMIT :limit""",
    everywhere=True,
)
_UNSEALED = named(
    """SELECT id, created_at, event, actor_kind, actor_id, subject_id, targets, request_id, flow_id,
              data, personal_digest, emptied
       FROM audit_event
       WHERE tenant_id = :tenant_id AND sequence IS NULL AND created_at < :before
       ORDER BY id LIMIT :limit"""
).columns(targets=JSON(), data=JSON())
_SEAL = named(
    """UPDATE audit_event SET sequence = :sequence, previous_hash = :previous, hash = :hash
       WHERE tenant_id = :tenant_id AND id = :id AND sequence IS NULL"""
)
_log = structlog.stdlib.get_logger(__name__)


def run_once() -> int:
    """Seal one batch of events of each tenant that has any; returns how many were sealed.

    Safe in any number of workers at once: whoever holds a tenant's chain seals.
    """
    values = {"before": clock.now() - SETTLED_AFTER, "limit": _MOST_TENANTS}
    with read(EVERYWHERE) as session:
        waiting = [row.tenant_id for row in session.execute(_WAITING, values)]
    return sum(_seal_batch(tenant_id) for tenant_id in waiting)


def _seal_batch(tenant_id: str) -> int:
    try:
        with write(tenant_id) as session:
            chain = chain_row.lock(session)
            rows = _settled(session)
            if rows:
                chain_row.save(session, _sealed(session, chain, rows))
                counting.add(session, rows)
            return len(rows)
    except ChainBroken:
        _log.error("audit_chain_broken", tenant_id=tenant_id)
        return 0


def _settled(session: Session) -> list[Row[tuple[object, ...]]]:
    before = clock.now() - SETTLED_AFTER
    values = {"tenant_id": tenant_of(session), "before": before, "limit": BATCH}
    return list(session.execute(_UNSEALED, values).all())


def _sealed(session: Session, chain: Chain, rows: list[Row[tuple[object, ...]]]) -> Chain:
    tenant_id, updates = tenant_of(session), []
    for row in rows:
        link = link_of(tenant_id, row, chain.sequence + 1, chain.hash)
        updates.append(
            {
                "tenant_id": tenant_id,
                "id": link.id,
                "sequence": link.sequence,
                "previous": link.previous,
                "hash": link.hash,
            }
        )
        chain = replace(chain, sequence=link.sequence, hash=link.hash)
    session.execute(_SEAL, updates)
    return chain
