"""Statements of the directory that are hot, or that look across tenants."""

from app.database import named

TENANT_BY_HOST = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant_host h JOIN tenant t ON t.id = h.tenant_id CROSS JOIN installation i
       WHERE h.host = :host""",
    everywhere=True,
)
TENANT_BY_SLUG = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant t CROSS JOIN installation i WHERE t.slug = :slug""",
    everywhere=True,
)
TENANT_BY_ID = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant t CROSS JOIN installation i WHERE t.id = :id""",
    everywhere=True,
)
ADD_HOST = named(
    """INSERT INTO tenant_host (host, tenant_id, created_at) VALUES (:host, :of_tenant, :now)
       ON CONFLICT DO NOTHING RETURNING host""",
    everywhere=True,
)
HOSTS = named(
    "SELECT host FROM tenant_host WHERE tenant_id = :of_tenant ORDER BY host", everywhere=True
)
RAISE_INSTALLATION_EPOCH = named(
    "UPDATE installation SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch", everywhere=True
)
ADD_ROLE = named(
    """INSERT INTO role (tenant_id, id, created_at, key, name)
       VALUES (:of_tenant, :id, :now, :key, :name)""",
    everywhere=True,
)
