"""Which web origins may call the provider from a browser."""

from app.changes import Cache
from app.database import read
from app.directory.tenants import Tenant
from app.oidc import statements

_cache: Cache[frozenset[str]] = Cache("oidc_origins", 1_024)


def is_registered(tenant: Tenant, origin: str) -> bool:
    """Whether an active client of the tenant has registered this origin; cached."""

    def load() -> frozenset[str]:
        with read(tenant.id) as session:
            rows = session.scalars(statements.ORIGINS, {"tenant_id": tenant.id})
            return frozenset(registered for origins in rows for registered in origins)

    return origin in (_cache.get(tenant.id, load) or frozenset())
