"""When the metadata and certificates of SAML connections are looked at next."""

from app import clock
from app.database import EVERYWHERE, Session, named, read, tenant_of

_DUE = named(
    """SELECT tenant_id, id FROM connection
       WHERE protocol = 'saml' AND status <> 'disabled'
         AND (metadata_due_at IS NULL OR metadata_due_at <= :now)
       ORDER BY metadata_due_at LIMIT :limit""",
    everywhere=True,
)
_TAKE = named(
    """UPDATE connection SET metadata_due_at = :until
       WHERE tenant_id = :tenant_id AND id = :id
         AND (metadata_due_at IS NULL OR metadata_due_at <= :now)
       RETURNING id"""
)
_PUT_OFF = named(
    """UPDATE connection SET metadata_due_at = :until
       WHERE tenant_id = :tenant_id AND id = :id RETURNING id"""
)


def due(limit: int) -> list[tuple[str, str]]:
    """Tenant and id of connections whose look is due, in all tenants, by a session of its own."""
    with read(EVERYWHERE) as session:
        found = session.execute(_DUE, {"now": clock.now(), "limit": limit})
        return [(row.tenant_id, row.id) for row in found]


def take(session: Session, connection_id: str, until: int) -> bool:
    """Take a look on for oneself until `until` (milliseconds); False when it is not due any more,
    as another worker was faster."""
    key = {"tenant_id": tenant_of(session), "id": connection_id, "now": clock.now()}
    return session.execute(_TAKE, {**key, "until": until}).first() is not None


def put_off(session: Session, connection_id: str, until: int) -> None:
    """Let the next look be at `until` (milliseconds)."""
    key = {"tenant_id": tenant_of(session), "id": connection_id, "until": until}
    session.execute(_PUT_OFF, key).first()
