"""Who must choose another password before they may go on; nobody but they themselves sets one."""

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import permissions, sessions
from app.directory.errors import NotFound, Refused

_REQUIRE = named(
    """UPDATE "user" SET new_password_required_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased'
         AND EXISTS (SELECT 1 FROM credential c WHERE c.tenant_id = "user".tenant_id
           AND c.user_id = "user".id AND c.kind = 'password')
       RETURNING id"""
)
_WITHDRAW = named(
    """UPDATE "user" SET new_password_required_at = NULL
       WHERE tenant_id = :tenant_id AND id = :user_id AND new_password_required_at IS NOT NULL
       RETURNING id"""
)
_KNOWN = named(
    """SELECT new_password_required_at, status FROM "user"
       WHERE tenant_id = :tenant_id AND id = :user_id"""
)


class NoPassword(Refused):
    """There is no password that another one could take the place of."""

    def __init__(self) -> None:
        super().__init__("This person has no password.")


def require(session: Session, actor: Actor, user_id: str, *, ends_sessions: bool) -> None:
    """Have the person choose another password at the next sign-in, after every other proof that is
    asked of them; with `ends_sessions` whatever they are signed in to ends now.

    Raises `NotFound`, and `NoPassword` for whoever signs in without one.
    """
    permissions.demand(actor, "user.require_password")
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    if session.execute(_REQUIRE, values).first() is None:
        known = session.execute(_KNOWN, values).first()
        raise NotFound("user") if known is None or known.status == "erased" else NoPassword()
    data = {"ends_sessions": ends_sessions}
    record(session, events.NEW_PASSWORD_REQUIRED, actor, subject_id=user_id, data=data)
    if ends_sessions:
        sessions.end_all_of_user(session, actor, user_id, "new_password_required")


def withdraw(session: Session, actor: Actor, user_id: str) -> bool:
    """Let the person keep the password after all; False when no other one was required."""
    permissions.demand(actor, "user.require_password")
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    if session.execute(_WITHDRAW, values).first() is None:
        return False
    record(session, events.NEW_PASSWORD_NOT_REQUIRED, actor, subject_id=user_id)
    return True


def since(session: Session, user_id: str) -> int | None:
    """Since when another password is required, in milliseconds; None when none is."""
    known = session.execute(_KNOWN, {"tenant_id": tenant_of(session), "user_id": user_id}).first()
    return known.new_password_required_at if known else None
