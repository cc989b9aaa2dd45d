"""All that is kept about the owner, as one document; nothing in it opens anything."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app import clock
from app.account import activity, recent
from app.account.owner import Owner
from app.actor import Actor
from app.database import Session, read, write
from app.directory import (
    contacts,
    exports,
    grants,
    invitations,
    linked_identities,
    memberships,
    pending_contacts,
    people,
    sessions,
    trusted_devices,
)
from app.directory.errors import NotFound
from app.directory.listing import LARGEST
from app.directory.tenants import Tenant
from app.models import Credential

Json = dict[str, Any]

MOST_HAPPENINGS = 10_000
"""Of the activity, the newest."""
_TIMES = frozenset(
    {
        "at",
        "auth_time",
        "created_at",
        "deletion_due_at",
        "expires_at",
        "last_seen_at",
        "last_signed_in_at",
        "last_used_at",
        "updated_at",
        "verified_at",
    }
)
_PROFILE = (
    "id",
    "status",
    "display_name",
    "locale",
    "is_anonymous",
    "public_metadata",
    "created_at",
    "updated_at",
    "last_signed_in_at",
    "deletion_due_at",
)
_CONTACT = ("id", "kind", "value", "is_primary", "verified_at")
_PENDING = ("id", "kind", "value", "created_at", "expires_at")
_CREDENTIAL = ("id", "kind", "label", "created_at", "last_used_at")
_IDENTITY = ("id", "connection_name", "provider", "subject", "label", "created_at", "last_used_at")
_SESSION = (
    "id",
    "software",
    "system",
    "address",
    "auth_time",
    "amr",
    "created_at",
    "last_seen_at",
    "expires_at",
)
_TRUSTED = ("id", "label", "created_at", "last_used_at", "expires_at")
_APP = ("id", "client_id", "client_name", "scopes", "created_at")
_MEMBERSHIP = ("organization_id", "slug", "name", "roles")
_INVITATION = (
    "id",
    "email",
    "organization_id",
    "organization",
    "roles",
    "created_at",
    "expires_at",
)
_HAPPENING = ("id", "at", "event", "by", "software", "system", "address")


def of(owner: Owner) -> Json:
    """The document: profile, identifiers, credentials without their secrets, linked identities,
    sessions, trusted devices, apps, organizations, open invitations and activity. Raises
    `NotRecent`."""
    recent.demand(owner)
    return _document(owner)


def of_user(tenant: Tenant, actor: Actor, user_id: str) -> Json:
    """The same for an admin who hands it to the person, with what the tenant alone sees. Raises
    `NotFound` and `Forbidden`."""
    owner = Owner(tenant, actor, user_id, None, 0, None, tenant.settings.texts.default_locale)
    document = _document(owner)
    with read(tenant.id) as session:
        row = people.get(session, user_id)
    return {**document, "private_metadata": dict(row.private_metadata) if row else {}}


def _document(owner: Owner) -> Json:
    with write(owner.tenant.id) as session:
        exports.note(session, owner.actor, owner.user_id)
    with read(owner.tenant.id) as session:
        document = _of_rows(session, owner)
    return {
        "exported_at": _moment(clock.now()),
        "issuer": owner.tenant.issuer,
        **document,
        "activity": [_only(each, _HAPPENING) for each in _happenings(owner)],
    }


def _of_rows(session: Session, owner: Owner) -> Json:
    user_id, row = owner.user_id, people.get(session, owner.user_id)
    if row is None:
        raise NotFound("user")
    query = select(Credential).where(
        Credential.tenant_id == owner.tenant.id, Credential.user_id == user_id
    )
    lists: list[tuple[str, Any, tuple[str, ...]]] = [
        ("identifiers", contacts.list_of_user(session, user_id), _CONTACT),
        ("unconfirmed", pending_contacts.list_of_user(session, user_id), _PENDING),
        ("credentials", session.scalars(query.order_by(Credential.id)), _CREDENTIAL),
        ("identities", linked_identities.of_user(session, user_id), _IDENTITY),
        ("sessions", sessions.list_of_user(session, user_id), _SESSION),
        ("trusted_devices", _trusted(session, owner), _TRUSTED),
        ("apps", grants.list_of_user(session, user_id), _APP),
        ("organizations", memberships.of_user(session, user_id), _MEMBERSHIP),
        ("invitations", invitations.open_to_user(session, owner.tenant, user_id), _INVITATION),
    ]
    listed = {name: [_only(each, members) for each in found] for name, found, members in lists}
    return {"profile": _only(row, _PROFILE), **listed}


def _trusted(session: Session, owner: Owner) -> Any:
    return trusted_devices.list_of_user(session, owner.tenant, owner.user_id)


def _happenings(owner: Owner) -> list[activity.Happening]:
    found: list[activity.Happening] = []
    after: str | None = None
    while len(found) < MOST_HAPPENINGS:
        page = activity.recent(owner, after, LARGEST)
        found += page.items
        after = page.next_cursor
        if after is None:
            break
    return found


def _only(row: object, members: tuple[str, ...]) -> Json:
    """Those members of a row, times as RFC 3339 has them."""
    given = {name: getattr(row, name) for name in members}
    return {
        name: _moment(value) if name in _TIMES and value is not None else _plain(value)
        for name, value in given.items()
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / clock.SECOND, UTC)
    return moment.isoformat().replace("+00:00", "Z")
