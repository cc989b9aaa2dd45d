"""Who needs a second factor by themselves: single users, and whoever has a certain role."""

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import permissions
from app.directory.errors import NotFound

_OF_USER = named(
    """UPDATE "user" SET mfa_required = :required, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased' RETURNING id"""
)
_OF_ROLE = named(
    """UPDATE role SET mfa_required = :required
       WHERE tenant_id = :tenant_id AND key = :key RETURNING id"""
)


def of_user(session: Session, actor: Actor, user_id: str, *, required: bool) -> None:
    """Say whether a user needs a second factor, whatever is asked of everybody. Raises
    `NotFound`."""
    permissions.demand(actor, "user.require_mfa")
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "required": required}
    if session.execute(_OF_USER, values).first() is None:
        raise NotFound("user")
    data = {"required": required}
    record(session, events.USER_MFA_REQUIRED, actor, subject_id=user_id, data=data)


def of_role(session: Session, actor: Actor, key: str, *, required: bool) -> None:
    """Say whether whoever acts with a role needs a second factor. Raises `NotFound`."""
    permissions.demand(actor, "role.require_mfa")
    values = {"tenant_id": tenant_of(session), "key": key, "required": required}
    changed = session.execute(_OF_ROLE, values).first()
    if changed is None:
        raise NotFound("role")
    data = {"key": key, "required": required}
    record(session, events.ROLE_MFA_REQUIRED, actor, targets=[("role", changed.id)], data=data)
