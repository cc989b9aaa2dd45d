"""Ending everything that a person is signed in to: seen first, and done only if it is still so."""

from dataclasses import dataclass

from app import clock
from app.actor import Actor
from app.database import Session, named, tenant_of
from app.directory import last_methods, permissions, sessions, trusted_devices
from app.directory.errors import NotFound, Refused
from app.directory.tenants import Tenant

BECAUSE = "ended_by_admin"
_FAMILIES = named(
    """SELECT count(*) FROM token_family
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND revoked_at IS NULL
         AND idle_until > :now AND expires_at > :now AND epoch = :epoch"""
)
_HOLD = named(
    """UPDATE "user" SET row_version = row_version
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased' RETURNING id"""
)


@dataclass(frozen=True)
class Preview:
    """What would end."""

    sessions: int
    apps: int
    """Apps that could go on without a sign-in, counted by their chains of refresh tokens."""
    devices: int
    """Browsers that are trusted not to need a second factor."""

    @property
    def mark(self) -> str:
        """What whoever confirms sends back."""
        return f"{self.sessions}.{self.apps}.{self.devices}"


class Changed(Refused):
    """Something ended or was opened since; nothing was done. Look again."""

    def __init__(self) -> None:
        super().__init__("In the meantime something changed. Please look again.")


def preview(session: Session, tenant: Tenant, user_id: str) -> Preview:
    """What `end_all` would end now; three statements."""
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "now": clock.now(),
        "epoch": tenant.epoch,
    }
    return Preview(
        len(sessions.list_of_user(session, user_id)),
        session.scalar(_FAMILIES, values) or 0,
        len(trusted_devices.list_of_user(session, tenant, user_id)),
    )


def end_all(
    session: Session, actor: Actor, tenant: Tenant, user_id: str, *, expected: str
) -> Preview:
    """End every session of the person with every token, and trust no browser any more; those
    browsers forget how one signs in there. Returns what ended.

    `expected` is the mark of the preview that was confirmed. Whoever signs in at the same moment
    waits. Raises `Changed` when it is not so any more, and `NotFound`.
    """
    permissions.demand(actor, "session.end", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    if session.execute(_HOLD, key).first() is None:
        raise NotFound("user")
    found = preview(session, tenant, user_id)
    if found.mark != expected:
        raise Changed
    last_methods.forget_elsewhere(session, actor, user_id)
    sessions.end_all_of_user(session, actor, user_id, BECAUSE)
    return found
