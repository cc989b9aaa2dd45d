"""What providers publish about themselves, kept for a while: discovery documents and JWK Sets.

A copy serves for an hour. When no newer one can be had then, it goes on serving until it is a day
old; after that nobody comes in (I05).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from app import clock
from app.directory.connections import Connection
from app.federation.identity import UpstreamAway, UpstreamRefused
from app.federation.network import BUDGET, Budget

FRESH = clock.HOUR
OLDEST = clock.DAY
SOONEST = clock.SECOND
"""A copy younger than this is not fetched anew, whoever asks. No longer than that, as a provider
may change its key between two sign-ins."""
_RETRY = clock.MINUTE
_WHILE_ONE_SERVES = 2.0
_MOST = 4_096
_MOST_BYTES = 33_554_432
"""Of all copies together, as they came: a tenant may point many connections at large documents."""

_Key = tuple[str, str, int, str]


@dataclass
class _Copy:
    document: dict[str, Any]
    size: int
    fetched_at: int
    retry_at: int


_Fetched = tuple[dict[str, Any], int]


_copies: OrderedDict[_Key, _Copy] = OrderedDict()
_lock = threading.Lock()


def load(connection: Connection, url: str, budget: Budget) -> dict[str, Any]:
    """The JSON object at `url`. Raises `UpstreamAway`, or `UpstreamRefused` where it is none.

    Copies belong to one connection and its present settings: nothing that one tenant has us fetch
    serves another.
    """
    key, now = _key(connection, url), clock.now()
    with _lock:
        copy = _copies.get(key)
    if copy is None or now - copy.fetched_at >= OLDEST:
        return _keep(key, _fetch(url, budget, BUDGET))
    if now < copy.retry_at:
        return copy.document
    copy.retry_at = now + _RETRY  # One looks for a newer copy; whoever comes meanwhile has this.
    try:
        return _keep(key, _fetch(url, budget, _WHILE_ONE_SERVES))
    except (UpstreamAway, UpstreamRefused):
        return copy.document


def reload(connection: Connection, url: str, budget: Budget) -> dict[str, Any]:
    """The same, fetched anew unless that was just done; an older copy serves nobody here."""
    key = _key(connection, url)
    with _lock:
        copy = _copies.get(key)
    if copy is not None and clock.now() - copy.fetched_at < SOONEST:
        return copy.document
    return _keep(key, _fetch(url, budget, BUDGET))


def forget_all() -> None:
    """Drop every copy."""
    with _lock:
        _copies.clear()


def _key(connection: Connection, url: str) -> _Key:
    return (connection.tenant_id, connection.id, connection.row_version, url)


def _fetch(url: str, budget: Budget, at_most: float) -> _Fetched:
    """The document, and how many bytes it had."""
    reply = budget.get(url, at_most=at_most)
    document = reply.document()
    if not reply.is_good or document is None:
        raise UpstreamRefused(
            "discovery_unusable",
            {"url": url, "answer": reply.summary, "content_type": reply.content_type[:100]},
        )
    return document, len(reply.body)


def _keep(key: _Key, fetched: _Fetched) -> dict[str, Any]:
    now, (document, size) = clock.now(), fetched
    with _lock:
        _copies[key] = _Copy(document, size, now, now + FRESH)
        _copies.move_to_end(key)
        while len(_copies) > _MOST or sum(each.size for each in _copies.values()) > _MOST_BYTES:
            _copies.popitem(last=False)
    return document
