"""What happens at a tenant, counted by day, so that no page ever counts events itself.

Every event is sealed once, so it is counted once: in the transaction that seals it. What was
counted is some minutes old.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.audit import events
from app.database import named, tenant_of

SIGNED_IN = f"{events.USER_SIGNED_IN}:"
"""How the name of a count begins that is about sign-ins by one method."""
_COUNTED = (events.USER_SIGNED_IN, events.USER_SIGNED_UP, events.OUTBOX_DEAD)
_FAILURES = (".failed", ".limited")

_ADD = named(
    """INSERT INTO daily_count (tenant_id, at, name, total)
       VALUES (:tenant_id, :at, :name, :total)
       ON CONFLICT (tenant_id, at, name) DO UPDATE
       SET total = daily_count.total + excluded.total"""
)
_SINCE = named(
    """SELECT at, name, total FROM daily_count
       WHERE tenant_id = :tenant_id AND at >= :since ORDER BY at, name"""
)


@dataclass(frozen=True)
class Count:
    """One kind of event on one day."""

    at: int
    """When the day begins, in milliseconds (UTC)."""
    name: str
    total: int


def add(session: Session, rows: Iterable[Any]) -> None:
    """Count events that are being sealed; those that nobody counts are passed over."""
    counts = Counter(
        (row.created_at - row.created_at % clock.DAY, name)
        for row in rows
        if (name := _name(row.event, row.data)) is not None
    )
    tenant_id = tenant_of(session)
    for (at, name), total in sorted(counts.items()):
        values = {"tenant_id": tenant_id, "at": at, "name": name, "total": total}
        session.execute(_ADD, values)


def since(session: Session, at: int) -> list[Count]:
    """Every count of the days that begin at this moment or later, in order."""
    found = session.execute(_SINCE, {"tenant_id": tenant_of(session), "since": at})
    return [Count(row.at, row.name, int(row.total)) for row in found]


def _name(event: str, data: Any) -> str | None:
    if event == events.USER_SIGNED_IN:
        methods = (data or {}).get("methods") or ["other"]
        return f"{SIGNED_IN}{methods[0]}"
    is_counted = event in _COUNTED or event.endswith(_FAILURES)
    return event if is_counted else None
