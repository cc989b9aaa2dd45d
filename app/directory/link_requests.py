"""Links that somebody asked for at the own account and that wait for the provider's word: each is
for one user and one connection, and all of them end as soon as one came true or was undone.
(SECURITY A09 to A11)
"""

from app import single_use
from app.database import Session, tenant_of
from app.directory.tenants import Tenant
from app.security import random_token

KIND = "link_identity"
_LIVES = 15 * 60


def issue(session: Session, tenant: Tenant, user_id: str, connection_id: str) -> str:
    """A new one, for a quarter of an hour; returns its id, which only the flow's row has."""
    assert tenant_of(session) == tenant.id
    return single_use.issue(
        session,
        KIND,
        subject=user_id,
        binding=_binding(user_id, connection_id),
        secret=random_token(),
        lives=_LIVES,
        epoch=tenant.epoch,
    )


def spend(
    session: Session, tenant: Tenant, row_id: str, *, user_id: str, connection_id: str
) -> bool:
    """Spend it in the caller's transaction; False when it is over or of something else."""
    binding = _binding(user_id, connection_id)
    row = single_use.consume(session, KIND, row_id, binding=binding, epoch=tenant.epoch)
    return row is not None and row.subject == user_id


def void(session: Session, user_id: str, connection_id: str) -> None:
    """End all that wait for the user at the connection."""
    binding = _binding(user_id, connection_id)
    single_use.supersede(session, KIND, subject=user_id, binding=binding)


def _binding(user_id: str, connection_id: str) -> str:
    return f"{user_id} {connection_id}"
