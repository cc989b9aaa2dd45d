"""The statements of the outbox: leasing works across tenants, results belong to one."""

from app.database import named

DUE = named(
    """SELECT 1 FROM outbox_message
       WHERE state = 'queued' AND leased_until <= :now
         AND (next_attempt_at <= :now OR expires_at <= :now)
       LIMIT 1""",
    everywhere=True,
)


def _lease(skip_locked: str) -> str:
    """Rows are chosen in a materialised part: of a plain subquery PostgreSQL may choose the rows
    anew for each row that it compares with, and go past the limit."""
    return f"""WITH due AS MATERIALIZED (
            SELECT tenant_id, id FROM outbox_message
            WHERE state = 'queued' AND next_attempt_at <= :now AND leased_until <= :now
              AND expires_at > :now
            ORDER BY next_attempt_at LIMIT :limit {skip_locked})
        UPDATE outbox_message SET leased_until = :until, attempts = attempts + 1
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
          AND state = 'queued' AND leased_until <= :now
        RETURNING tenant_id, id, created_at, channel, purpose, sealed_payload, carries_secret,
          attempts, expires_at, leased_until, operation"""  # noqa: S608 (no input in it)


LEASE_SQLITE = named(_lease(""), everywhere=True)
LEASE_POSTGRESQL = named(_lease("FOR UPDATE SKIP LOCKED"), everywhere=True)

SENT = named(
    """UPDATE outbox_message
       SET state = 'sent', sent_at = :now, sealed_payload = NULL, leased_until = 0,
         last_error = NULL, operation = NULL
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued'"""
)
RETRY = named(
    """UPDATE outbox_message
       SET next_attempt_at = :next_attempt_at, leased_until = 0, last_error = :reason
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued' AND leased_until = :lease"""
)
ACCEPTED = named(
    """UPDATE outbox_message
       SET operation = :operation, next_attempt_at = :next_attempt_at, leased_until = 0,
         last_error = :reason
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued' AND leased_until = :lease"""
)
GIVE_UP = named(
    """UPDATE outbox_message
       SET state = 'dead', leased_until = 0, last_error = :reason,
         sealed_payload = CASE WHEN carries_secret THEN NULL ELSE sealed_payload END
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued' AND leased_until = :lease
       RETURNING id"""
)
RELEASE = named(
    """UPDATE outbox_message SET leased_until = 0, attempts = attempts - 1
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued' AND leased_until = :lease"""
)
OVERDUE = named(
    """SELECT tenant_id, id FROM outbox_message
       WHERE state = 'queued' AND expires_at <= :now AND leased_until <= :now LIMIT :limit""",
    everywhere=True,
)
EXPIRE = named(
    """UPDATE outbox_message SET state = 'expired', sealed_payload = NULL, leased_until = 0
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued' AND expires_at <= :now
         AND leased_until <= :now
       RETURNING channel, purpose, last_error"""
)
WITHDRAW = named(
    """UPDATE outbox_message SET state = 'expired', sealed_payload = NULL
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'queued'"""
)
RESEND = named(
    """UPDATE outbox_message
       SET state = 'queued', attempts = 0, next_attempt_at = :now, leased_until = 0,
         expires_at = :until, operation = NULL
       WHERE tenant_id = :tenant_id AND id = :id AND state = 'dead' AND NOT carries_secret
         AND sealed_payload IS NOT NULL
       RETURNING purpose"""
)
