"""SECURITY Z23: what has expired goes, a batch at a time, and nothing else does."""

import pytest
from flask import Flask

from app import clock, purge
from app.database import named, read, write
from app.delivery.outbox import queue_mail
from app.directory.tenants import Tenant

_COUNTER = named(
    """INSERT INTO counter (tenant_id, key, count, started_at, expires_at)
       VALUES (:tenant_id, :key, 1, 0, :expires_at)"""
)
_MARK = named(
    """INSERT INTO replay_mark (tenant_id, kind, digest, expires_at)
       VALUES (:tenant_id, 'jti', :key, :expires_at)"""
)
_ONE_TIME = named(
    """INSERT INTO one_time (tenant_id, id, created_at, kind, subject, binding, digest, payload,
         attempts, max_attempts, expires_at, epoch)
       VALUES (:tenant_id, :key, 0, 'code', 's', 'b', 'd', '{}', 0, 1, :expires_at, 1)"""
)
_FLOW = named(
    """INSERT INTO flow (tenant_id, id, created_at, kind, state, binding, is_headless,
         continuation, facts, version, epoch, expires_at)
       VALUES (:tenant_id, :key, 0, 'sign_in', 'running', 'b', FALSE, '{}', '{}', 1, 1,
         :expires_at)"""
)
_ANSWER = named(
    """INSERT INTO idempotency_key (tenant_id, id, created_at, actor, request_digest, status, body,
         expires_at)
       VALUES (:tenant_id, :key, 0, 'a', 'd', 200, '{}', :expires_at)"""
)
_PREFIX = named(
    """INSERT INTO sms_prefix (tenant_id, id, created_at, sent, converted, started_at,
         blocked_until)
       VALUES (:tenant_id, :key, 0, 1, 0, :expires_at, 0)"""
)
_MESSAGE = named(
    """INSERT INTO upstream_message (tenant_id, id, created_at, connection_id, body, expires_at)
       VALUES (:tenant_id, :key, 0, 'con_1', '{}', :expires_at)"""
)
TABLES = {
    "counter": (_COUNTER, 0),
    "replay_mark": (_MARK, 5 * clock.MINUTE),
    "one_time": (_ONE_TIME, clock.DAY),
    "flow": (_FLOW, 7 * clock.DAY),
    "idempotency_key": (_ANSWER, 0),
    "sms_prefix": (_PREFIX, clock.DAY),
    "upstream_message": (_MESSAGE, 0),
}


def _count(tenant: Tenant, table: str) -> int:
    count = named(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant_id")
    with read(tenant.id) as session:
        found: int = session.execute(count, {"tenant_id": tenant.id}).scalar_one()
        return found


@pytest.mark.parametrize("table", TABLES)
def test_old_rows_go_in_batches_and_others_stay(app: Flask, tenant: Tenant, table: str) -> None:
    insert, stays = TABLES[table]
    old, recent = clock.now() - stays - 1_000, clock.now() - stays + 60_000
    rows = [
        {"tenant_id": tenant.id, "key": f"k{number}", "expires_at": moment}
        for number, moment in enumerate([old] * (purge.BATCH + 5) + [recent] * 3)
    ]
    with write(tenant.id) as session:
        session.execute(insert, rows)
    assert [purge.run_once() for _ in range(3)] == [purge.BATCH, 5, 0]
    assert _count(tenant, table) == 3


def test_the_delivery_log_is_kept_for_a_month_and_queued_mails_for_ever(
    app: Flask, tenant: Tenant
) -> None:
    with write(tenant.id) as session:
        for _ in range(2):
            queue_mail(
                session,
                tenant,
                "password_changed",
                to="jane@example.com",
                values={},
                locale="en",
                carries_secret=False,
                lives=60,
            )
        done = named("UPDATE outbox_message SET state = 'sent' WHERE tenant_id = :tenant_id")
        session.flush()
        session.execute(done, {"tenant_id": tenant.id})
        queue_mail(
            session,
            tenant,
            "password_changed",
            to="jane@example.com",
            values={},
            locale="en",
            carries_secret=False,
            lives=60,
        )
    assert purge.run_once() == 0
    clock.move(31 * 86_400)
    assert purge.run_once() == 2
    assert _count(tenant, "outbox_message") == 1
