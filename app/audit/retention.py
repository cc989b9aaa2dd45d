"""What goes from the audit log when its time is over, family by family; the chain stays whole.

Of an event in the middle the content goes, and its digest stays in the content's place. Where
everything from the beginning on is over, the rows go too: the place and hash of the last of them
are the anchor, which the chain then begins from. How far that may have gone is signed in the head.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import JSON, Row, bindparam
from sqlalchemy.orm import Session

from app import clock
from app.audit import chain_row
from app.audit.chain import content_of, digest, link_of
from app.audit.chain_row import Chain, ChainBroken
from app.audit.events import REGISTRY
from app.config import settings
from app.database import EVERYWHERE, named, read, tenant_of, write
from app.directory.tenants import Tenant

BATCH = 500
_MOST_TENANTS = 20
_EVERY = clock.DAY

_DUE = named(
    "SELECT tenant_id FROM audit_chain WHERE look_at <= :now ORDER BY look_at LIMIT :limit",
    everywhere=True,
)
_LOOKED = named("UPDATE audit_chain SET look_at = :at WHERE tenant_id = :tenant_id")
_COLUMNS = """id, created_at, event, actor_kind, actor_id, subject_id, targets, request_id, flow_id,
              data, personal_digest, emptied, sequence, previous_hash, hash"""
_FIRST = named(
    f"""SELECT {_COLUMNS} FROM audit_event WHERE tenant_id = :tenant_id AND sequence > :anchor
        ORDER BY sequence LIMIT :limit"""  # noqa: S608 (nothing in it comes from outside)
).columns(targets=JSON(), data=JSON())
_OVER = (
    named(
        f"""SELECT {_COLUMNS} FROM audit_event
        WHERE tenant_id = :tenant_id AND created_at < :before AND event IN :events
          AND sequence IS NOT NULL AND emptied IS NULL
        ORDER BY created_at, id LIMIT :limit"""  # noqa: S608 (nothing in it comes from outside)
    )
    .columns(targets=JSON(), data=JSON())
    .bindparams(bindparam("events", expanding=True))
)
_DELETE = named(
    "DELETE FROM audit_event WHERE tenant_id = :tenant_id AND sequence <= :anchor RETURNING id"
)
_EMPTY = named(
    """UPDATE audit_event SET emptied = :emptied, actor_kind = '', actor_id = NULL,
         subject_id = NULL, targets = '[]', request_id = NULL, flow_id = NULL, data = '{}',
         personal = NULL, personal_digest = NULL
       WHERE tenant_id = :tenant_id AND id = :id"""
)
_log = structlog.stdlib.get_logger(__name__)


def kept_days(tenant: Tenant) -> dict[str, int]:
    """Family of events -> the days that they are kept; 0 for ever."""
    own = {str(family): days for family, days in tenant.settings.audit.kept.items()}
    families = sorted({each.family for each in REGISTRY.values()})
    return {family: own.get(family, settings().audit_kept) for family in families}


def run_once(tenant_of_id: Callable[[str], Tenant | None]) -> int:
    """Let go what is over in the tenants whose day for it has come, a batch of each; returns how
    many events went."""
    now = clock.now()
    with read(EVERYWHERE) as session:
        due = [row.tenant_id for row in session.execute(_DUE, {"now": now, "limit": _MOST_TENANTS})]
    found = [tenant_of_id(tenant_id) for tenant_id in due]
    return sum(_let_go(tenant, now) for tenant in found if tenant is not None)


def _let_go(tenant: Tenant, now: int) -> int:
    before = {family: now - days * clock.DAY for family, days in kept_days(tenant).items() if days}
    try:
        with write(tenant.id) as session:
            gone, is_more = _let_go_batch(session, before)
            _look_again(session, now if is_more else now + _EVERY)
            return gone
    except ChainBroken:
        _log.error("audit_chain_broken", tenant_id=tenant.id)
        with write(tenant.id) as session:
            _look_again(session, now + _EVERY)
        return 0


def _let_go_batch(session: Session, before: Mapping[str, int]) -> tuple[int, bool]:
    """How many events went, and whether there may be more."""
    chain = chain_row.lock(session)
    emptied = [_empty(session, family, moment) for family, moment in before.items()]
    deleted, anchored = _delete_prefix(session, chain, before)
    gone = sum(emptied) + deleted
    if gone:
        marks = {family: max(at, chain.marks.get(family, 0)) for family, at in before.items()}
        chain_row.save(session, replace(anchored, marks={**chain.marks, **marks}))
    return gone, deleted == BATCH or BATCH in emptied


def _look_again(session: Session, at: int) -> None:
    session.execute(_LOOKED, {"tenant_id": tenant_of(session), "at": at})


def _empty(session: Session, family: str, before: int) -> int:
    """Take the content out of one batch of a family's events; returns of how many."""
    tenant_id = tenant_of(session)
    events = [each.id for each in REGISTRY.values() if each.family == family]
    values = {"tenant_id": tenant_id, "before": before, "events": events, "limit": BATCH}
    over = [row for row in session.execute(_OVER, values) if _is_unchanged(tenant_id, row)]
    updates = [
        {"tenant_id": tenant_id, "id": row.id, "emptied": digest(content_of(row))} for row in over
    ]
    if updates:
        session.execute(_EMPTY, updates)
    return len(updates)


def _delete_prefix(session: Session, chain: Chain, before: Mapping[str, int]) -> tuple[int, Chain]:
    """Delete what is over from the beginning on, and begin the chain behind it."""
    values = {"tenant_id": chain.tenant_id, "anchor": chain.anchor_sequence, "limit": BATCH}
    last = None
    for row in session.execute(_FIRST, values).all():
        if not _is_over(row, before) or not _is_unchanged(chain.tenant_id, row):
            break
        last = row
    if last is None:
        return 0, chain
    anchored = replace(chain, anchor_sequence=last.sequence, anchor_hash=last.hash)
    deleted = session.execute(
        _DELETE, {"tenant_id": chain.tenant_id, "anchor": anchored.anchor_sequence}
    )
    return len(deleted.all()), anchored


def _is_over(row: Row[Any], before: Mapping[str, int]) -> bool:
    known = REGISTRY.get(row.event)
    limit = before.get(known.family) if known else min(before.values(), default=None)
    return limit is not None and row.created_at < limit


def _is_unchanged(tenant_id: str, row: Row[Any]) -> bool:
    """Whether the row is what was sealed: one that was changed stays, as evidence."""
    is_same = bool(link_of(tenant_id, row, row.sequence, row.previous_hash).hash == row.hash)
    if not is_same:
        _log.error("audit_event_changed", event_id=row.id)
    return is_same
