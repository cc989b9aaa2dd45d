"""Anonymous users whom nobody has seen for so long that nobody will come back as them."""

from app import clock
from app.database import EVERYWHERE, named, read
from app.directory import people_status, tenants

_WHERE_ANY = named(
    """SELECT DISTINCT tenant_id FROM "user" WHERE is_anonymous AND status <> 'erased'""",
    everywhere=True,
)
_IS_IDLE = """tenant_id = :tenant_id AND is_anonymous AND status <> 'erased'
    AND created_at < :before
    AND NOT EXISTS (SELECT 1 FROM session s WHERE s.tenant_id = "user".tenant_id
      AND s.user_id = "user".id AND s.last_seen_at >= :before)
    AND NOT EXISTS (SELECT 1 FROM token_family f WHERE f.tenant_id = "user".tenant_id
      AND f.user_id = "user".id AND f.rotated_at >= :before)"""
_IDLE = named(f'SELECT id FROM "user" WHERE {_IS_IDLE} LIMIT :limit')  # noqa: S608 (no input)
_TAKE = named(
    f"""UPDATE "user" SET row_version = row_version + 1
        WHERE id = :user_id AND {_IS_IDLE} RETURNING id"""  # noqa: S608 (no input in it)
)


def erase_idle(limit: int = 100) -> int:
    """Erase the anonymous users, at most `limit` of each tenant, who did nothing for as long as
    their tenant's `lifetimes.anonymous_user` says; returns how many went.

    Those who were merged into somebody go too. Each is a transaction of its own that looks again.
    """
    with read(EVERYWHERE) as session:
        found = session.scalars(_WHERE_ANY).all()
    return sum(_erase_of_tenant(tenant_id, limit) for tenant_id in found)


def _erase_of_tenant(tenant_id: str, limit: int) -> int:
    tenant = tenants.by_id(tenant_id)
    lives = tenant.settings.lifetimes.anonymous_user if tenant else 0
    if not lives:
        return 0
    before = clock.now() - lives * clock.SECOND
    with read(tenant_id) as session:
        values = {"tenant_id": tenant_id, "before": before, "limit": limit}
        idle = session.scalars(_IDLE, values).all()
    return sum(_erase(tenant_id, user_id, before) for user_id in idle)


def _erase(tenant_id: str, user_id: str, before: int) -> bool:
    values = {"tenant_id": tenant_id, "user_id": user_id, "before": before}
    return people_status.erase_when_due(
        tenant_id, user_id, lambda session: session.execute(_TAKE, values).first() is not None
    )
