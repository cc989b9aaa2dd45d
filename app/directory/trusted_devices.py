"""Browsers on which a person is not asked for a second factor, until their time is over.

What is trusted is the pair of one browser and one person. It ends with every change of what proves
the person, and whenever all of their sessions are ended.
"""

from dataclasses import dataclass

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import devices, permissions
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.ids import new_id

_TRUST = named(
    """INSERT INTO trusted_device
         (tenant_id, id, created_at, browser_id, user_id, label, expires_at, last_used_at, epoch)
       VALUES
         (:tenant_id, :id, :now, :browser_id, :user_id, :label, :expires_at, :now, :epoch)
       ON CONFLICT (tenant_id, browser_id, user_id)
       DO UPDATE SET created_at = :now, label = :label, expires_at = :expires_at,
         last_used_at = :now, epoch = :epoch
       RETURNING id"""
)
_DROP_OLDEST = named(
    """DELETE FROM trusted_device
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND id NOT IN (
         SELECT id FROM trusted_device
         WHERE tenant_id = :tenant_id AND browser_id = :browser_id
         ORDER BY (id = :keep) DESC, last_used_at DESC, id DESC LIMIT :most)"""
)
_IS_TRUSTED = named(
    """SELECT 1 FROM trusted_device
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND user_id = :user_id
         AND expires_at > :now AND created_at > :since AND epoch = :epoch"""
)
_NOTE_USE = named(
    """UPDATE trusted_device SET last_used_at = :now
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND user_id = :user_id"""
)
_LIST = named(
    """SELECT id, browser_id, label, created_at, last_used_at, expires_at FROM trusted_device
       WHERE tenant_id = :tenant_id AND user_id = :user_id
         AND expires_at > :now AND created_at > :since AND epoch = :epoch
       ORDER BY last_used_at DESC, id DESC"""
)
_END_ONE = named(
    """DELETE FROM trusted_device
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id = :id RETURNING id"""
)
_END_ALL = named(
    "DELETE FROM trusted_device WHERE tenant_id = :tenant_id AND user_id = :user_id RETURNING id"
)


@dataclass(frozen=True)
class TrustedDevice:
    """A browser as the person who trusts it sees it. Times in milliseconds."""

    id: str
    browser_id: str
    label: str
    """Its name and system, read from what the browser said of itself."""
    created_at: int
    last_used_at: int
    expires_at: int


def trust(session: Session, actor: Actor, tenant: Tenant, browser_id: str, user_id: str) -> str:
    """Trust a browser not to need the user's second factor for the tenant's days, from now on;
    returns the id.

    Where more people trust the browser than the tenant allows, whoever used that longest ago is
    forgotten. Two statements, and the audit's.
    """
    permissions.demand(actor, "device.trust", user_id)
    now, policy = clock.now(), tenant.settings.policy
    key = {"tenant_id": tenant_of(session), "browser_id": browser_id}
    values = {
        "id": new_id("trd"),
        "user_id": user_id,
        "label": str(devices.of_user_agent(actor.user_agent)),
        "now": now,
        "expires_at": now + policy.trusted_device_days * clock.DAY,
        "epoch": tenant.epoch,
    }
    row_id: str = session.execute(_TRUST, {**key, **values}).scalar_one()
    most = policy.trusted_people_per_browser
    session.execute(_DROP_OLDEST, {**key, "keep": row_id, "most": most})
    targets = [("browser", browser_id)]
    record(session, events.DEVICE_TRUSTED, actor, subject_id=user_id, targets=targets)
    return row_id


def is_trusted(session: Session, tenant: Tenant, browser_id: str, user_id: str) -> bool:
    """Whether the user need give no second factor on this browser; one statement, and none where
    the tenant trusts no browser. Shortening the tenant's days counts at once."""
    if not tenant.settings.policy.trusted_device_days:
        return False
    key = {"browser_id": browser_id, "user_id": user_id}
    return session.execute(_IS_TRUSTED, {**key, **_alive(session, tenant)}).first() is not None


def note_use(session: Session, actor: Actor, browser_id: str, user_id: str) -> None:
    """Remember that the user just signed in without a second factor, because of the trust."""
    permissions.demand(actor, "device.trust", user_id)
    key = {"tenant_id": tenant_of(session), "browser_id": browser_id, "user_id": user_id}
    session.execute(_NOTE_USE, {**key, "now": clock.now()})


def list_of_user(session: Session, tenant: Tenant, user_id: str) -> tuple[TrustedDevice, ...]:
    """The browsers that the user trusts now, the last used first; one statement."""
    rows = session.execute(_LIST, {"user_id": user_id, **_alive(session, tenant)})
    return tuple(TrustedDevice(**row._mapping) for row in rows)


def end(session: Session, actor: Actor, user_id: str, device_id: str) -> None:
    """Trust one of the user's browsers no more. Raises `NotFound`."""
    permissions.demand(actor, "device.end_trust", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id, "id": device_id}
    if session.execute(_END_ONE, key).first() is None:
        raise NotFound("trusted device")
    _record_end(session, actor, user_id, 1, "revoked")


def end_all_of_user(session: Session, actor: Actor, user_id: str, because: str) -> int:
    """Trust none of the user's browsers any more; returns how many there were."""
    permissions.demand(actor, "device.end_trust", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    ended = len(session.execute(_END_ALL, key).all())
    if ended:
        _record_end(session, actor, user_id, ended, because)
    return ended


def _alive(session: Session, tenant: Tenant) -> dict[str, str | int]:
    now = clock.now()
    return {
        "tenant_id": tenant_of(session),
        "now": now,
        "since": now - tenant.settings.policy.trusted_device_days * clock.DAY,
        "epoch": tenant.epoch,
    }


def _record_end(session: Session, actor: Actor, user_id: str, ended: int, because: str) -> None:
    data = {"because": because, "devices": ended}
    record(session, events.DEVICE_TRUST_ENDED, actor, subject_id=user_id, data=data)
