"""A provider that does not answer is left alone for a while, so that nobody waits for it in vain,
and the threads that wait for it are few. (SECURITY I08)

Each process counts for itself: this is about waiting, and guards no secret.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app import clock
from app.directory.connections import Connection
from app.federation.identity import UpstreamAway, UpstreamRefused

MOST_FAILURES = 3
"""In a row."""
REST = 30 * clock.SECOND
PATIENCE = 2.0
"""Seconds after which somebody who still waits for an answer is stuck."""
MOST_STUCK = 2
"""Where so many are stuck, nobody joins them."""
_MOST_CONNECTIONS = 4_096

_Key = tuple[str, str, int]


@dataclass
class _Count:
    failures: int = 0
    rests_until: int = 0
    waiting: list[float] = field(default_factory=list)
    """When each of those who are asking began to."""

    def demand_room(self) -> None:
        """Raise `UpstreamAway` unless one more may ask the provider now."""
        if clock.now() < self.rests_until:
            raise UpstreamAway("the provider rests after failing several times")
        if self.failures >= MOST_FAILURES and self.waiting:
            raise UpstreamAway("somebody is finding out whether the provider is back")
        began = time.monotonic() - PATIENCE
        if sum(each <= began for each in self.waiting) >= MOST_STUCK:
            raise UpstreamAway("others wait for the provider in vain already")


_counts: OrderedDict[_Key, _Count] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def watching(connection: Connection, *, is_whole: bool = True) -> Iterator[None]:
    """Count how it goes with the provider inside; raises `UpstreamAway` at once while it rests,
    and while too many wait for it. After the rest, one alone finds out whether it is back.

    A provider that answers, if only to be refused, is there; unless `is_whole` is False, as for a
    look at documents that may not even leave this process. A changed connection starts anew.
    """
    key = (connection.tenant_id, connection.id, connection.row_version)
    count, began = _entered(key)
    failed = answered = False
    try:
        yield
        answered = is_whole
    except UpstreamAway:
        failed = True
        raise
    except UpstreamRefused:
        answered = is_whole
        raise
    finally:
        _left(key, count, began, failed=failed, answered=answered)


def forget_all() -> None:
    """Start anew with every provider."""
    with _lock:
        _counts.clear()


def _entered(key: _Key) -> tuple[_Count, float]:
    with _lock:
        count = _counts.get(key) or _Count()
        count.demand_room()
        _counts[key] = count
        if len(_counts) > _MOST_CONNECTIONS:
            _counts.popitem(last=False)
        began = time.monotonic()
        count.waiting.append(began)
        return count, began


def _left(key: _Key, count: _Count, began: float, *, failed: bool, answered: bool) -> None:
    with _lock:
        count.waiting.remove(began)
        if answered:
            count.failures = 0
        if failed:
            count.failures += 1
        if count.failures >= MOST_FAILURES and failed:
            count.rests_until = clock.now() + REST
        if not count.failures and not count.waiting:
            _counts.pop(key, None)
