"""The wish of a person to be forgotten, which waits for a while and may be taken back."""

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, Session, named, read, tenant_of
from app.directory import people_status, permissions

_ASK = named(
    """UPDATE "user" SET deletion_due_at = :due, updated_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased'
         AND deletion_due_at IS NULL RETURNING id"""
)
_CANCEL = named(
    """UPDATE "user" SET deletion_due_at = NULL, updated_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND deletion_due_at IS NOT NULL
         AND status <> 'erased' RETURNING id"""
)
_DUE_OF = named('SELECT deletion_due_at FROM "user" WHERE tenant_id = :tenant_id AND id = :user_id')
_DUE = named(
    """SELECT tenant_id, id FROM "user"
       WHERE deletion_due_at IS NOT NULL AND deletion_due_at <= :now AND status <> 'erased'
       ORDER BY deletion_due_at LIMIT :limit""",
    everywhere=True,
)
_TAKE = named(
    """UPDATE "user" SET deletion_due_at = NULL
       WHERE tenant_id = :tenant_id AND id = :user_id AND deletion_due_at <= :now
         AND status <> 'erased' RETURNING id"""
)


def ask(session: Session, actor: Actor, user_id: str, *, due: int) -> bool:
    """Have the user erased at `due` (milliseconds); False when that was asked for before."""
    permissions.demand(actor, "user.ask_deletion", user_id)
    values = {**_key(session, user_id), "due": due}
    if session.execute(_ASK, values).first() is None:
        return False
    record(session, events.DELETION_ASKED, actor, subject_id=user_id, data={"due": due})
    return True


def cancel(session: Session, actor: Actor, user_id: str) -> bool:
    """Keep the user after all; False when there is nothing to take back."""
    permissions.demand(actor, "user.cancel_deletion", user_id)
    if session.execute(_CANCEL, _key(session, user_id)).first() is None:
        return False
    record(session, events.DELETION_CANCELLED, actor, subject_id=user_id)
    return True


def due_of(session: Session, user_id: str) -> int | None:
    """When the user will be erased, in milliseconds; None when that was not asked for."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    due: int | None = session.scalar(_DUE_OF, values)
    return due


def erase_due(limit: int = 100) -> int:
    """Erase the users of all tenants whose time has come; returns how many went.

    Each is a transaction of its own that looks again, so whoever takes the wish back in time stays.
    """
    with read(EVERYWHERE) as session:
        due = session.execute(_DUE, {"now": clock.now(), "limit": limit}).all()
    return sum(_erase(tenant_id, user_id) for tenant_id, user_id in due)


def _erase(tenant_id: str, user_id: str) -> bool:
    return people_status.erase_when_due(
        tenant_id,
        user_id,
        lambda session: session.execute(_TAKE, _key(session, user_id)).first() is not None,
    )


def _key(session: Session, user_id: str) -> dict[str, str | int]:
    return {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
