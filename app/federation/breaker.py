"""A provider that does not answer is left alone for a while, so that nobody waits for it in vain.

Each process counts for itself: this is about waiting, and guards no secret.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app import clock
from app.directory.connections import Connection
from app.federation.identity import UpstreamAway, UpstreamRefused

MOST_FAILURES = 3
"""In a row."""
REST = 30 * clock.SECOND
_MOST_CONNECTIONS = 4_096

_Key = tuple[str, str, int]


@dataclass
class _Count:
    failures: int = 0
    rests_until: int = 0


_counts: OrderedDict[_Key, _Count] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def watching(connection: Connection, *, is_whole: bool = True) -> Iterator[None]:
    """Count how it goes with the provider inside; raises `UpstreamAway` at once while it rests.

    A provider that answers, if only to be refused, is there; unless `is_whole` is False, as for a
    look at documents that may not even leave this process. A changed connection starts anew.
    """
    key = (connection.tenant_id, connection.id, connection.row_version)
    _demand_rested(key)
    try:
        yield
    except UpstreamAway:
        _failed(key)
        raise
    except UpstreamRefused:
        if is_whole:
            _went_well(key)
        raise
    if is_whole:
        _went_well(key)


def forget_all() -> None:
    """Start anew with every provider."""
    with _lock:
        _counts.clear()


def _demand_rested(key: _Key) -> None:
    with _lock:
        count = _counts.get(key)
        if count is not None and clock.now() < count.rests_until:
            raise UpstreamAway("the provider rests after failing several times")


def _failed(key: _Key) -> None:
    with _lock:
        count = _counts.setdefault(key, _Count())
        count.failures += 1
        if count.failures >= MOST_FAILURES:
            count.rests_until = clock.now() + REST
        if len(_counts) > _MOST_CONNECTIONS:
            _counts.popitem(last=False)


def _went_well(key: _Key) -> None:
    with _lock:
        _counts.pop(key, None)
