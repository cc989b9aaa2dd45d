"""Deletes rows whose time is over, a thousand at a time, so that nobody waits for it."""

from dataclasses import dataclass

from sqlalchemy import TextClause

from app import clock
from app.audit import retention
from app.config import settings
from app.database import EVERYWHERE, is_sqlite, named, write
from app.directory import tenants
from app.metrics import PURGED_ROWS

BATCH = 1_000


@dataclass(frozen=True)
class _Old:
    """The rows of one table that may go: `condition` with the moment `stays` milliseconds ago."""

    table: str
    key: str
    condition: str = "expires_at < :before"
    stays: int = 0

    @property
    def statement(self) -> TextClause:
        """Deletes one batch, on PostgreSQL without waiting for rows that somebody holds."""
        return named(
            _delete(self, "" if is_sqlite() else "FOR UPDATE SKIP LOCKED"), everywhere=True
        )


_TABLES = (
    # Spent codes stay for a day, so that their reuse is recognised.
    _Old("one_time", "tenant_id, id", stays=clock.DAY),
    _Old("token_family", "tenant_id, id", stays=clock.DAY),
    _Old("signing_key", "tenant_id, id", "remove_at < :before", stays=clock.DAY),
    _Old("client_secret", "tenant_id, id", stays=clock.DAY),
    _Old("preview_link", "tenant_id, id"),
    _Old("counter", "tenant_id, key"),
    _Old("daily_count", "tenant_id, at, name", "at < :before", stays=400 * clock.DAY),
    _Old("replay_mark", "tenant_id, kind, digest", stays=5 * clock.MINUTE),
    _Old("idempotency_key", "tenant_id, id"),
    _Old("sms_prefix", "tenant_id, id", "started_at < :before", stays=clock.DAY),
    _Old(
        "outbox_message",
        "tenant_id, id",
        "created_at < :before AND state <> 'queued'",
        stays=30 * clock.DAY,
    ),
    _Old("trusted_device", "tenant_id, id"),
    _Old("invitation", "tenant_id, id", stays=90 * clock.DAY),
    _Old("upstream_message", "tenant_id, id"),
    _Old("upstream_session", "tenant_id, id"),
)
# Ending a browser ends the refresh tokens that came from its sessions, also from those that were
# replaced, so a session stays as long as one of its tokens is known.
_SESSION_IS_OVER = """(idle_until < :before OR ended_at < :before) AND NOT EXISTS (
    SELECT 1 FROM token_family f
    WHERE f.tenant_id = session.tenant_id AND f.session_id = session.id)"""
_BROWSER_IS_UNUSED = """last_seen_at < :before
    AND NOT EXISTS (SELECT 1 FROM session s
      WHERE s.tenant_id = browser.tenant_id AND s.browser_id = browser.id)
    AND NOT EXISTS (SELECT 1 FROM trusted_device d
      WHERE d.tenant_id = browser.tenant_id AND d.browser_id = browser.id)"""


def run_once() -> int:
    """Delete at most one batch of each table; returns how many rows went.

    Each batch is a transaction of its own. Call again while the result is not 0.
    """
    deleted = sum(_delete_batch(each) for each in (*_TABLES, *_kept()))
    return deleted + _let_events_go()


def _kept() -> list[_Old]:
    """What the operator keeps for some days after it was of use."""
    sessions = settings().sessions_kept * clock.DAY
    reports = settings().reports_kept * clock.DAY
    flows = settings().flows_kept * clock.DAY
    return [
        _Old("flow", "tenant_id, id", stays=flows),
        _Old("session", "tenant_id, id", _SESSION_IS_OVER, sessions),
        _Old("browser", "tenant_id, id", _BROWSER_IS_UNUSED, sessions),
        _Old("upstream_report", "tenant_id, id", "created_at < :before", reports),
    ]


def _let_events_go() -> int:
    """What is sealed in the audit log goes by its chain, family by family."""
    gone = retention.run_once(tenants.by_id)
    PURGED_ROWS.labels("audit_event").inc(gone)
    return gone


def _delete_batch(old: _Old) -> int:
    values = {"before": clock.now() - old.stays, "limit": BATCH}
    with write(EVERYWHERE) as session:
        deleted = len(session.execute(old.statement, values).all())
    PURGED_ROWS.labels(old.table).inc(deleted)
    return deleted


def _delete(old: _Old, skip_locked: str) -> str:
    """Rows are chosen in a materialised part, so that PostgreSQL keeps to the limit."""
    return f"""WITH old AS MATERIALIZED (
        SELECT {old.key} FROM {old.table} WHERE {old.condition} LIMIT :limit {skip_locked})
        DELETE FROM {old.table} WHERE ({old.key}) IN (SELECT {old.key} FROM old)
        RETURNING tenant_id"""  # noqa: S608 (nothing in it comes from outside)
