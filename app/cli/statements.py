"""What the doctor asks across tenants."""

from app.database import named

WAITING = named(
    """SELECT count(*) AS queued,
         coalesce(sum(CASE WHEN next_attempt_at < :due_before THEN 1 ELSE 0 END), 0) AS late
       FROM outbox_message WHERE state = 'queued'""",
    everywhere=True,
)
DEAD = named(
    "SELECT count(*) FROM outbox_message WHERE state = 'dead' AND created_at >= :since",
    everywhere=True,
)
