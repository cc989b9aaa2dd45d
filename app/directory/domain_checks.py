"""The worker's looks at the TXT records of proven domains, once a day each.

A domain changes hands, and its DNS breaks. So a claim lapses only when three looks in a row, the
last three days after the first, found the DNS without the record; a DNS that does not answer at
all counts for nothing.
"""

from typing import Final

from app import clock
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, is_sqlite, named, read, write
from app.directory import domain_claims
from app.directory.domain_claims import CHECK_EVERY, Claim, NameServerAway

BATCH = 4
"""Few, as mail waits meanwhile: a DNS that is silent takes seconds for each."""
MOST_FAILURES = 3
AGAIN: Final = 36 * clock.HOUR
"""Milliseconds after which a failed look is repeated: two of these make three days."""
_LEASE = 5 * clock.MINUTE
_SOON = clock.HOUR


def _take(skip_locked: str) -> str:
    return f"""WITH due AS MATERIALIZED (
            SELECT tenant_id, id FROM domain_claim
            WHERE check_at <= :now AND verified_at IS NOT NULL
            ORDER BY check_at LIMIT :limit {skip_locked})
        UPDATE domain_claim SET check_at = :until
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due) AND check_at <= :now
        RETURNING tenant_id, id"""  # noqa: S608 (no input in it)


_DUE = named(
    """SELECT 1 FROM domain_claim
       WHERE check_at <= :now AND verified_at IS NOT NULL LIMIT 1""",
    everywhere=True,
)
_TAKE_SQLITE = named(_take(""), everywhere=True)
_TAKE_POSTGRESQL = named(_take("FOR UPDATE SKIP LOCKED"), everywhere=True)
_SEEN = named(
    """UPDATE domain_claim SET check_at = :next, failures = 0
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :lease"""
)
_PUT_OFF = named(
    """UPDATE domain_claim SET check_at = :next
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :lease"""
)
_MISSED = named(
    """UPDATE domain_claim SET check_at = :next, failures = failures + 1
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :lease
       RETURNING failures"""
)
_LAPSE = named(
    """UPDATE domain_claim SET verified_at = NULL, check_at = NULL, failures = 0
       WHERE tenant_id = :tenant_id AND id = :id"""
)


def run_once(limit: int = BATCH) -> int:
    """Look at up to `limit` records whose time has come; returns how many.

    Opens its own transactions, none during a look. Several workers take different ones.
    """
    with read(EVERYWHERE) as session:
        if session.execute(_DUE, {"now": clock.now()}).first() is None:
            return 0
    lease = clock.now() + _LEASE
    taken = _taken(lease, limit)
    for found in taken:
        _look(found, lease)
    return len(taken)


def _taken(lease: int, limit: int) -> list[Claim]:
    take = _TAKE_SQLITE if is_sqlite() else _TAKE_POSTGRESQL
    with write(EVERYWHERE) as session:
        values = {"now": clock.now(), "until": lease, "limit": limit}
        keys = sorted(tuple(row) for row in session.execute(take, values))
    return [found for key in keys if (found := _claim(*key))]


def _claim(tenant_id: str, claim_id: str) -> Claim | None:
    with read(tenant_id) as session:
        return domain_claims.get(session, claim_id)


def _look(found: Claim, lease: int) -> None:
    key = {"tenant_id": found.tenant_id, "id": found.id, "lease": lease}
    try:
        is_published = domain_claims.is_published(found)
    except NameServerAway:
        statement, pause = _PUT_OFF, _SOON
    else:
        statement, pause = (_SEEN, CHECK_EVERY) if is_published else (_MISSED, AGAIN)
    with write(found.tenant_id) as session:
        changed = session.execute(statement, {**key, "next": clock.now() + pause})
        if statement is not _MISSED or changed.scalar_one_or_none() != MOST_FAILURES:
            return
        session.execute(_LAPSE, {"tenant_id": found.tenant_id, "id": found.id})
        targets = [("organization", found.organization_id), ("domain", found.id)]
        record(
            session, events.DOMAIN_LAPSED, SYSTEM, targets=targets, data={"domain": found.domain}
        )
