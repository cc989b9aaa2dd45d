"""The one clock. Statements receive its value as `:now`; nothing else asks the system for the time.

All times are UTC, as whole milliseconds since 1970-01-01.
"""

import time
from dataclasses import dataclass

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass
class _Offsets:
    """Milliseconds added to the system time: the database's lead, and what a test moved."""

    database: int = 0
    moved: int = 0


_offsets = _Offsets()


def now() -> int:
    """The current time in milliseconds since the epoch, as the database would tell it."""
    return of_machine() + _offsets.database + _offsets.moved


def of_machine() -> int:
    """The time of this machine alone, in milliseconds: only to measure how far it is off."""
    return time.time_ns() // 1_000_000


def now_seconds() -> int:
    """The current time in whole seconds since the epoch: the NumericDate of RFC 7519, section 2."""
    return now() // SECOND


def follow_database(offset: int) -> None:
    """Let the clock run `offset` milliseconds ahead of the system, as measured at the database."""
    _offsets.database = offset


def database_offset() -> int:
    """How many milliseconds the clock was last told to run ahead of this machine."""
    return _offsets.database


def move(seconds: float) -> None:
    """Move the clock by `seconds`, either way. For tests; production refuses the setting."""
    _offsets.moved += int(seconds * SECOND)


def put_back() -> None:
    """Undo every `move`."""
    _offsets.moved = 0
