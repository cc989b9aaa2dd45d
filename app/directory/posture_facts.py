"""What the posture of a tenant is judged by, and no other page reads."""

from app import clock
from app.database import Session, named, tenant_of

_MOST = 100

_ADMINS = named(
    """SELECT a.email, a.role, a.administered_id, u.last_signed_in_at, a.taken_up_at
       FROM admin_role a JOIN "user" u ON u.tenant_id = a.tenant_id AND u.id = a.holder
       WHERE a.tenant_id = :console_id AND a.administered_id = :administered_id
         AND a.organization_id IS NULL AND u.status = 'active'
       ORDER BY a.id LIMIT :limit""",
    everywhere=True,
)
_ENDING = named(
    """SELECT c.id, c.name, max(s.expires_at) AS expires_at
       FROM client c JOIN client_secret s ON s.tenant_id = c.tenant_id AND s.client_id = c.id
       WHERE c.tenant_id = :tenant_id AND s.tenant_id = :tenant_id AND c.status = 'active'
       GROUP BY c.id, c.name
       HAVING count(*) = count(s.expires_at) AND max(s.expires_at) < :before
       ORDER BY c.id LIMIT :limit"""
)


def admins_seen(session: Session, console_id: str, tenant_id: str) -> list[tuple[str, str, int]]:
    """Address, role and last sign-in (milliseconds) of those who administer the tenant by name."""
    values = {"console_id": console_id, "administered_id": tenant_id, "limit": _MOST}
    return [
        (row.email, row.role, row.last_signed_in_at or row.taken_up_at or 0)
        for row in session.execute(_ADMINS, values)
    ]


def ending_secrets(session: Session, within: int) -> list[tuple[str, str, int]]:
    """Id and name of every application whose last secret ends within so many milliseconds, and
    when it does."""
    values = {
        "tenant_id": tenant_of(session),
        "before": clock.now() + within,
        "limit": _MOST,
    }
    return [(row.id, row.name, row.expires_at) for row in session.execute(_ENDING, values)]
