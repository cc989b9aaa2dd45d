"""The worker's looks at the hosts that tenants added, once a day each (X11).

Who loses a domain forgets to tell us. So a host is served no more once three looks in a row, the
last three days after the first, found that its DNS leads elsewhere; a DNS that does not answer at
all counts for nothing. It stays the tenant's: nobody else gets in by a name that was left behind.
"""

from typing import Final

from sqlalchemy import TextClause

from app import changes, clock, name_server
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, named, read, write
from app.directory import host_records, hosts
from app.directory.hosts import CHECK_EVERY
from app.name_server import NoAnswer

BATCH = 4
"""Few, as mail waits meanwhile: a DNS that is silent takes seconds for each."""
MOST_FAILURES = 3
AGAIN: Final = 36 * clock.HOUR
"""Milliseconds after which a failed look is repeated: two of these make three days."""
_LEASE = 5 * clock.MINUTE
_SOON = clock.HOUR

_DUE = named(
    """SELECT tenant_id, id, host, check_at FROM host_claim
       WHERE check_at <= :now ORDER BY check_at LIMIT :limit""",
    everywhere=True,
)
_TAKE = named(
    """UPDATE host_claim SET check_at = :until
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :seen RETURNING id"""
)
_SEEN = named(
    """UPDATE host_claim SET check_at = :next, failures = 0
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :until"""
)
_PUT_OFF = named(
    """UPDATE host_claim SET check_at = :next
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :until"""
)
_MISSED = named(
    """UPDATE host_claim SET check_at = :next, failures = failures + 1
       WHERE tenant_id = :tenant_id AND id = :id AND check_at = :until RETURNING failures"""
)
_LOOK_NO_MORE = named(
    "UPDATE host_claim SET check_at = NULL WHERE tenant_id = :tenant_id AND id = :id"
)
_STOP = named(
    """UPDATE tenant_host SET stopped_at = :now
       WHERE tenant_id = :tenant_id AND host = :host AND stopped_at IS NULL"""
)


def run_once(limit: int = BATCH) -> int:
    """Look at up to `limit` hosts whose time has come; returns how many.

    Opens its own transactions, none during a look. Several workers take different ones.
    """
    with read(EVERYWHERE) as session:
        due = session.execute(_DUE, {"now": clock.now(), "limit": limit}).all()
    return sum(_look(*row) for row in due)


def _look(tenant_id: str, claim_id: str, host: str, seen: int) -> bool:
    """Look at one host; False where another worker was faster."""
    key = {"tenant_id": tenant_id, "id": claim_id, "until": clock.now() + _LEASE}
    with write(tenant_id) as session:
        if session.execute(_TAKE, {**key, "seen": seen}).first() is None:
            return False
    statement, pause = _outcome(host)
    with write(tenant_id) as session:
        changed = session.execute(statement, {**key, "next": clock.now() + pause})
        if statement is not _MISSED or changed.scalar_one_or_none() != MOST_FAILURES:
            return True
        values = {"tenant_id": tenant_id, "id": claim_id}
        session.execute(_LOOK_NO_MORE, values)
        session.execute(_STOP, {"tenant_id": tenant_id, "host": host, "now": clock.now()})
        changes.note(session)
        record(session, events.HOST_STOPPED, SYSTEM, targets=[("host", host)], data={"host": host})
    return True


def _outcome(host: str) -> tuple[TextClause, int]:
    """What the look comes to, and the milliseconds until the next."""
    if not hosts.target():
        return _PUT_OFF, CHECK_EVERY
    try:
        points_here = host_records.points_to(name_server.pointing(host), hosts.target())
    except NoAnswer:
        return _PUT_OFF, _SOON
    return (_SEEN, CHECK_EVERY) if points_here else (_MISSED, AGAIN)
