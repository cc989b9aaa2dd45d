"""Counters that guard a secret: counted first, then decided, in one statement in the database.

Coarse limits per network address are Flask-Limiter's matter; nothing here depends on a cache.
"""

import ipaddress
from dataclasses import dataclass

from app import clock
from app.database import Session, named, tenant_of, write
from app.security import keyring

_COUNT = named(
    """INSERT INTO counter (tenant_id, key, count, started_at, expires_at)
       VALUES (:tenant_id, :key, 1, :now, :until)
       ON CONFLICT (tenant_id, key) DO UPDATE SET
         count = CASE WHEN counter.expires_at <= :now THEN 1 ELSE counter.count + 1 END,
         started_at = CASE WHEN counter.expires_at <= :now THEN :now ELSE counter.started_at END,
         expires_at = CASE WHEN counter.expires_at <= :now THEN :until ELSE counter.expires_at END
       RETURNING count, expires_at"""
)
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
    exceeded = None
    with write(tenant_id) as session:
        for limit in sorted(limits, key=lambda each: each.row_key):
            key = {
                "tenant_id": tenant_id,
                "key": limit.row_key,
                "now": now,
                "until": now + limit.window * clock.SECOND,
            }
            counted, until = session.execute(_COUNT, key).one()
            if counted > limit.most:
                exceeded = Exceeded(limit, max(1, -(-(until - now) // clock.SECOND)))
    return exceeded


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
