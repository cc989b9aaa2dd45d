"""Anonymous users: made by `people.create` before they said who they are, later upgraded in place,
or merged into the user that they turn out to be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import JSON, bindparam

from app import clock, limits
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import linked_identities, names, permissions, sessions
from app.directory.errors import Refused
from app.directory.tenants import Tenant
from app.limits import Exceeded, Limit

_UPGRADE = named(
    """UPDATE "user" SET is_anonymous = FALSE, display_name = :display_name,
         name_key = :name_key, family_key = :family_key, locale = :locale,
         updated_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND is_anonymous AND status = 'active'
         AND merged_into IS NULL
       RETURNING public_metadata, private_metadata"""
).columns(public_metadata=JSON(), private_metadata=JSON())
_KEEP_METADATA = named(
    """UPDATE "user" SET public_metadata = :public, private_metadata = :private
       WHERE tenant_id = :tenant_id AND id = :user_id"""
).bindparams(bindparam("public", type_=JSON()), bindparam("private", type_=JSON()))
_MERGE = named(
    """UPDATE "user" SET merged_into = :into, status = 'disabled', updated_at = :now,
         row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND is_anonymous AND status = 'active'
         AND merged_into IS NULL RETURNING id"""
)
_MERGED_INTO = named(
    'SELECT merged_into FROM "user" WHERE tenant_id = :tenant_id AND id = :user_id'
)
_IS_OPEN = named(
    """SELECT 1 FROM "user" WHERE tenant_id = :tenant_id AND id = :user_id AND is_anonymous
         AND status = 'active' AND merged_into IS NULL"""
)


class NoLongerAnonymous(Refused):
    """Somebody upgraded or merged the user in the meantime. The caller must roll back."""

    def __init__(self) -> None:
        super().__init__("The user is not anonymous any more.")


def count(tenant: Tenant, client_id: str, address: str | None) -> Exceeded | None:
    """Count one more anonymous user of a client and network; the limit that this goes past, if any.
    Opens its own transaction."""
    figures = tenant.settings.limits
    return limits.count(
        tenant.id,
        Limit("anonymous.network", limits.network(address), figures.anonymous_per_network),
        Limit("anonymous.client", client_id, figures.anonymous_per_client),
    )


def is_open(session: Session, user_id: str) -> bool:
    """Whether the user can still be upgraded or merged."""
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    return session.execute(_IS_OPEN, key).first() is not None


def upgrade(
    session: Session,
    actor: Actor,
    user_id: str,
    *,
    display_name: str | None,
    locale: str | None,
    public_metadata: Mapping[str, Any],
    private_metadata: Mapping[str, Any],
) -> None:
    """Make an ordinary user of an anonymous one, who keeps the id and what was kept about them.

    Whoever holds a session or token of the anonymous user may be somebody else, who left it in this
    browser: all of them end. Raises `NoLongerAnonymous`, and that to all but one at once.
    """
    permissions.demand(actor, "user.upgrade", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    named_as = names.columns(display_name)
    values = {**key, **named_as, "locale": locale, "now": clock.now()}
    held = session.execute(_UPGRADE, values).first()
    if held is None:
        raise NoLongerAnonymous
    public = {**held.public_metadata, **public_metadata}
    private = {**held.private_metadata, **private_metadata}
    session.execute(_KEEP_METADATA, {**key, "public": public, "private": private})
    sessions.end_all_of_user(session, actor, user_id, "upgraded")
    record(session, events.USER_UPGRADED, actor, subject_id=user_id)


def merge(session: Session, actor: Actor, user_id: str, into: str) -> bool:
    """Close an anonymous user who turned out to be the user `into`, who is acting; with it end its
    sessions, token families and linked identities. False when it is closed already, unless by the
    same merge."""
    permissions.demand(actor, "user.merge", into)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    values = {**key, "into": into, "now": clock.now()}
    if session.execute(_MERGE, values).first() is None:
        return bool(session.scalar(_MERGED_INTO, key) == into)
    sessions.end_all_of_user(session, replace(actor, id=user_id), user_id, "merged")
    linked_identities.unlink_all(session, user_id)
    record(session, events.USER_MERGED, actor, subject_id=into, targets=[("user", user_id)])
    return True
