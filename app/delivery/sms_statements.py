"""The statements that guard a tenant's money: each counts and decides at once."""

from app.database import named

_IS_LOW = """sms_prefix.sent >= :least_sent AND sms_prefix.started_at > :window_began
          AND sms_prefix.converted * 100 < :least_conversion * sms_prefix.sent"""
_IN_WINDOW = "WHEN sms_prefix.started_at > :window_began THEN sms_prefix"

CLAIM_DAY = named(
    """INSERT INTO counter (tenant_id, key, count, started_at, expires_at)
       VALUES (:tenant_id, :key, 1, :now, :until)
       ON CONFLICT (tenant_id, key) DO UPDATE SET count = counter.count + 1
       WHERE counter.count < :most
       RETURNING count AS count_"""
)
"""Nothing comes back when the day is full."""
DAY = named("SELECT count AS count_ FROM counter WHERE tenant_id = :tenant_id AND key = :key")

TRIP = named(
    f"""UPDATE sms_prefix SET blocked_until = :until
       WHERE tenant_id = :tenant_id AND id = :id AND blocked_until <= :now AND {_IS_LOW}
       RETURNING sent, converted"""  # noqa: S608 (no input in it)
)
"""A row comes back for the one who trips the breaker."""
CLAIM_PREFIX = named(
    f"""INSERT INTO sms_prefix
         (tenant_id, id, created_at, sent, converted, started_at, blocked_until)
       VALUES (:tenant_id, :id, :now, 1, 0, :now, 0)
       ON CONFLICT (tenant_id, id) DO UPDATE SET
         sent = CASE {_IN_WINDOW}.sent + 1 ELSE 1 END,
         converted = CASE {_IN_WINDOW}.converted ELSE 0 END,
         started_at = CASE {_IN_WINDOW}.started_at ELSE :now END,
         blocked_until = 0
       WHERE sms_prefix.blocked_until <= :now AND NOT ({_IS_LOW})
       RETURNING sent"""  # noqa: S608
)
"""Nothing comes back when the prefix is blocked, or must be."""
CONVERT = named(
    """UPDATE sms_prefix SET converted = converted + 1,
         blocked_until = CASE WHEN (converted + 1) * 100 >= :least_conversion * sent
                              THEN 0 ELSE blocked_until END
       WHERE tenant_id = :tenant_id AND id = :id"""
)
"""Codes that come back late open the prefix again."""
IS_CLOSED = named(
    f"""SELECT 1 FROM sms_prefix
       WHERE tenant_id = :tenant_id AND id = :id AND (blocked_until > :now OR ({_IS_LOW}))"""  # noqa: S608
)
BLOCKED = named(
    """SELECT id, sent, converted, blocked_until FROM sms_prefix
       WHERE tenant_id = :tenant_id AND blocked_until > :now ORDER BY id"""
)
