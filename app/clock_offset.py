"""Measures how far this machine's clock is off the database's, and lets ours follow the database.

With several machines the database is the one clock that all of them share, so codes and tokens
expire at the same moment everywhere, and a machine with a wrong clock mints no wrong tokens.
"""

import structlog

from app import clock
from app.database import EVERYWHERE, is_sqlite, named, read
from app.metrics import CLOCK_OFFSET

TOO_MUCH = 30 * clock.SECOND
_NOISE = 50
"""Milliseconds that are as likely the network's as the clock's."""

_DATABASE_TIME = named(
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", everywhere=True
)

_log = structlog.stdlib.get_logger(__name__)


def follow() -> int:
    """Measure once, let the clock follow, and return the offset in milliseconds.

    0 for SQLite, which lives on this machine. Beyond 30 seconds the log says so. Opens its own
    transaction.
    """
    if is_sqlite():
        return 0
    offset = measure()
    if abs(offset - clock.database_offset()) > _NOISE:
        clock.follow_database(offset)
    CLOCK_OFFSET.set(offset / clock.SECOND)
    if abs(offset) > TOO_MUCH:
        _log.error("clock_is_wrong", seconds=offset // clock.SECOND)
    return offset


def measure() -> int:
    """Milliseconds that the database's clock is ahead of this machine's, half the way taken off."""
    with read(EVERYWHERE) as session:
        before = clock.of_machine()
        theirs: int = session.execute(_DATABASE_TIME).scalar_one()
        return theirs - (before + clock.of_machine()) // 2
