"""Counters that guard a secret: counted first, then decided, in one statement in the database.

Coarse limits per network address are Flask-Limiter's matter; nothing here depends on a cache.
"""

import ipaddress
from dataclasses import dataclass
from functools import cache

from sqlalchemy import TextClause

from app import clock
from app.database import Session, named, tenant_of, write
from app.security import keyring

_ROW = "(:tenant_id, :key_{0}, 1, :now, :until_{0})"
_COUNT = """INSERT INTO counter (tenant_id, key, count, started_at, expires_at)
       VALUES {rows}
       ON CONFLICT (tenant_id, key) DO UPDATE SET
         count = CASE WHEN counter.expires_at <= :now THEN 1 ELSE counter.count + 1 END,
         started_at = CASE WHEN counter.expires_at <= :now
                           THEN excluded.started_at ELSE counter.started_at END,
         expires_at = CASE WHEN counter.expires_at <= :now
                           THEN excluded.expires_at ELSE counter.expires_at END
       RETURNING key, count AS count_, expires_at"""
_CLEAR = named("DELETE FROM counter WHERE tenant_id = :tenant_id AND key = :key")


@dataclass(frozen=True)
class Limit:
    """At most `most` events of one `name` and `key` within `window` seconds of the first."""

    name: str
    key: str
    most: int
    window: int = 3_600

    @property
    def row_key(self) -> str:
        """The counter's key: the name in clear, what it counts as a keyed hash."""
        return f"{self.name}:{keyring().hash('counter', self.name, self.key)[:32]}"


@dataclass(frozen=True)
class Exceeded:
    """The limit that was reached, and after how many seconds it opens again (Retry-After)."""

    limit: Limit
    retry_after: int


def count(tenant_id: str, *limits: Limit) -> Exceeded | None:
    """Count one event against every limit and commit; the limit that it went past, if any.

    The count is atomic, so of any number of parallel events exactly `most` pass.
    """
    now = clock.now()
    by_key = {limit.row_key: limit for limit in limits}
    values: dict[str, str | int] = {"tenant_id": tenant_id, "now": now}
    for number, key in enumerate(sorted(by_key)):
        values[f"key_{number}"] = key
        values[f"until_{number}"] = now + by_key[key].window * clock.SECOND
    with write(tenant_id) as session:
        counted = session.execute(_counting(len(by_key)), values).all()
    over = [row for row in counted if row.count_ > by_key[row.key].most]
    if not over:
        return None
    longest = max(over, key=lambda row: int(row.expires_at))
    seconds = -(-(longest.expires_at - now) // clock.SECOND)
    return Exceeded(by_key[longest.key], max(1, seconds))


@cache
def _counting(limits: int) -> TextClause:
    """The one statement that counts an event against so many limits."""
    rows = ", ".join(_ROW.format(number) for number in range(limits))
    return named(_COUNT.format(rows=rows))


def clear(session: Session, limit: Limit) -> None:
    """Forget what was counted: after a success, only for the succeeding account's own counter."""
    session.execute(_CLEAR, {"tenant_id": tenant_of(session), "key": limit.row_key})


def network(address: str | None) -> str:
    """The network that an address is counted by: itself, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
