"""Whether people may sign in: disabled, enabled, erased."""

from collections.abc import Callable

from app import clock
from app.actor import SYSTEM, Actor
from app.audit import events
from app.audit.log import record
from app.audit.personal import remember_key
from app.database import Session, tenant_of, write
from app.directory import (
    linked_identities,
    people,
    permissions,
    sessions,
    statements,
    upstream_sessions,
)
from app.directory.errors import NotFound


def disable(session: Session, actor: Actor, user_id: str) -> None:
    """Let a user sign in no more and end what they are signed in to; harmless when disabled
    already. Raises `NotFound`."""
    permissions.demand(actor, "user.disable", user_id)
    if _set_status(session, user_id, "active", "disabled"):
        sessions.end_all_of_user(session, actor, user_id, "disabled")
        record(session, events.USER_DISABLED, actor, subject_id=user_id)


def enable(session: Session, actor: Actor, user_id: str) -> None:
    """Let a disabled user sign in again; harmless when active. Raises `NotFound`."""
    permissions.demand(actor, "user.enable", user_id)
    if _set_status(session, user_id, "disabled", "active"):
        record(session, events.USER_ENABLED, actor, subject_id=user_id)


def erase_when_due(tenant_id: str, user_id: str, is_due: Callable[[Session], bool]) -> bool:
    """Erase a user whose time has come, in a transaction of its own in which `is_due` looks again;
    whether they went."""
    with write(tenant_id) as session:
        if not is_due(session):
            return False
        try:
            erase(session, SYSTEM, user_id)
        except NotFound:
            return False
        return True


def erase(session: Session, actor: Actor, user_id: str) -> None:
    """Remove everything personal of a user for good: identifiers, credentials, linked
    identities, memberships, metadata, and the key of their data in the audit log. The bare row
    stays, so that its id is never given to anybody else. Raises `NotFound`."""
    permissions.demand(actor, "user.erase", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    erased = session.execute(statements.ERASE_USER, {**key, "now": clock.now()}).first()
    if erased is None:
        raise NotFound("user")
    remember_key(session, user_id, None)
    sessions.end_all_of_user(session, actor, user_id, "erased")
    linked_identities.unlink_all(session, user_id)
    upstream_sessions.forget(session, user_id)
    for statement in (
        statements.REMOVE_INVITATIONS,
        statements.REMOVE_IDENTIFIERS,
        statements.REMOVE_CREDENTIALS,
        statements.REMOVE_GRANTS,
        statements.REMOVE_MEMBERSHIPS,
        statements.REMOVE_TRUSTED_DEVICES,
        statements.REMOVE_ONE_TIME_ROWS,
        statements.FORGET_DEVICES,
    ):
        session.execute(statement, key)
    record(session, events.USER_ERASED, actor, subject_id=user_id)


def _set_status(session: Session, user_id: str, earlier: str, status: str) -> bool:
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "earlier": earlier,
        "status": status,
        "now": clock.now(),
    }
    if session.execute(statements.SET_STATUS, values).first() is not None:
        return True
    person = people.snapshot_of(session, user_id)
    if person is None or person.status == "erased":
        raise NotFound("user")
    return False
