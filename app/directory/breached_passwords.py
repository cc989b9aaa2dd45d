"""How often a person may go on with a password that is known from a breach."""

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import permissions

_COUNT = named(
    """UPDATE "user" SET breached_sign_ins = breached_sign_ins + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND breached_sign_ins < :most
       RETURNING breached_sign_ins"""
)
_FORGET = named(
    """UPDATE "user" SET breached_sign_ins = 0, new_password_required_at = NULL
       WHERE tenant_id = :tenant_id AND id = :user_id
         AND (breached_sign_ins > 0 OR new_password_required_at IS NOT NULL)"""
)


def put_off(session: Session, actor: Actor, user_id: str, most: int) -> bool:
    """Count one sign-in with such a password; False when there were `most` already, however many
    browsers ask at once."""
    permissions.demand(actor, "user.keep_breached_password", user_id)
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "most": most}
    counted = session.scalar(_COUNT, values)
    if counted is None:
        return False
    data = {"sign_ins": counted, "most": most}
    record(session, events.BREACHED_PASSWORD_KEPT, actor, subject_id=user_id, data=data)
    return True


def forget(session: Session, user_id: str) -> None:
    """Start anew: another password was set, and whoever required one has it."""
    session.execute(_FORGET, {"tenant_id": tenant_of(session), "user_id": user_id})
