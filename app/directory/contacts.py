"""The addresses, numbers and the username of people who are there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import linked_identities, names, permissions, statements, trusted_devices
from app.directory.errors import NotFound, Refused
from app.directory.people import IdentifierTaken
from app.identifiers import Identifier
from app.ids import new_id

_LIST = named(
    """SELECT id, kind, value, key, is_primary, verified_at FROM identifier
       WHERE tenant_id = :tenant_id AND user_id = :user_id
       ORDER BY kind, is_primary DESC, id"""
).columns(is_primary=Boolean())
_PREFER = named(
    """UPDATE identifier SET is_primary = (id = :id)
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = :kind"""
)
_REMOVE = named(
    """DELETE FROM identifier
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id = :id"""
)
_RENAME = named(
    """UPDATE identifier SET value = :value, key = :key
       WHERE tenant_id = :tenant_id AND id = :id AND user_id = :user_id
         AND NOT EXISTS (SELECT 1 FROM identifier o WHERE o.tenant_id = :tenant_id
           AND o.kind = 'username' AND o.key = :key AND o.id <> :id)
       RETURNING id"""
)


class HasProven(Refused):
    """The person has proven an address, a number or an account at a provider, and so adds others
    themselves."""

    def __init__(self) -> None:
        super().__init__(
            "This person has proven who they are. Only they can add an address or number."
        )


@dataclass(frozen=True)
class Contact:
    """One identifier of a person. `verified_at` in milliseconds, None while it is unproven."""

    id: str
    kind: str
    value: str
    key: str
    is_primary: bool
    verified_at: int | None

    @property
    def is_verified(self) -> bool:
        """Whether the person has proven that it is theirs."""
        return self.verified_at is not None


def list_of_user(session: Session, user_id: str) -> tuple[Contact, ...]:
    """Every identifier of a user, by kind, the primary one first; one statement."""
    rows = session.execute(_LIST, {"tenant_id": tenant_of(session), "user_id": user_id})
    return tuple(Contact(**row._mapping) for row in rows)


def add(session: Session, actor: Actor, user_id: str, identifier: Identifier) -> str:
    """Add an address or number that the person has just proven; returns its id.

    It becomes the primary one where no proven one of its kind is. Raises `IdentifierTaken`, and
    then the caller must roll back.
    """
    permissions.demand(actor, "contact.add", user_id)
    row_id = _insert(session, user_id, identifier, clock.now())
    others = [each for each in _of_kind(session, user_id, identifier.kind) if each.id != row_id]
    if not any(each.is_primary and each.is_verified for each in others):
        _prefer(session, user_id, identifier.kind, row_id)
    _note(session, events.CONTACT_ADDED, actor, user_id, row_id, identifier.kind)
    return row_id


def add_unproven(session: Session, actor: Actor, user_id: str, identifier: Identifier) -> str:
    """Note an address or number for a person who could not prove one so far; returns its id.

    Whoever proves such an address takes the account over from whoever set it up, so nobody else
    names one for somebody who has proven theirs, or whom a provider proves: raises `HasProven`.
    Raises `IdentifierTaken`, and
    then the caller must roll back.
    """
    permissions.demand(actor, "contact.add_unproven")
    known = list_of_user(session, user_id)
    if any(each.is_verified for each in known) or linked_identities.of_user(session, user_id):
        raise HasProven
    row_id = _insert(session, user_id, identifier, None)
    if not any(each.kind == identifier.kind and each.is_primary for each in known):
        _prefer(session, user_id, identifier.kind, row_id)
    _note(session, events.CONTACT_ADDED_UNPROVEN, actor, user_id, row_id, identifier.kind)
    return row_id


def set_primary(session: Session, actor: Actor, user_id: str, contact_id: str) -> Contact:
    """Make a proven address or number the one that is shown to apps and written to. Raises
    `NotFound`, for an unproven one too."""
    permissions.demand(actor, "contact.set_primary", user_id)
    contact = find(session, user_id, contact_id)
    if not contact.is_verified:
        raise NotFound("verified contact")
    _prefer(session, user_id, contact.kind, contact.id)
    _note(session, events.CONTACT_PRIMARY_SET, actor, user_id, contact.id, contact.kind)
    return contact


def remove(session: Session, actor: Actor, user_id: str, contact_id: str) -> Contact:
    """Take an identifier away; where it was the primary one, the oldest proven other takes its
    place. One that codes went to may have been a second factor, so no browser stays trusted. Raises
    `NotFound`. That a way in is left is the caller's care."""
    permissions.demand(actor, "contact.remove", user_id)
    contact = find(session, user_id, contact_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    session.execute(_REMOVE, {**key, "id": contact.id})
    left = sorted(
        _of_kind(session, user_id, contact.kind), key=lambda each: (not each.is_verified, each.id)
    )
    if contact.is_primary and left:
        _prefer(session, user_id, contact.kind, left[0].id)
    if contact.is_verified:
        trusted_devices.end_all_of_user(session, actor, user_id, "contact_removed")
    _note(session, events.CONTACT_REMOVED, actor, user_id, contact.id, contact.kind)
    return contact


def set_username(session: Session, actor: Actor, user_id: str, username: Identifier) -> None:
    """Give the person this username, in place of any other. Raises `IdentifierTaken`, and then the
    caller must roll back."""
    permissions.demand(actor, "contact.set_username", user_id)
    former = _of_kind(session, user_id, "username")
    if not former:
        row_id = _insert(session, user_id, username, None)
    else:
        row_id = former[0].id
        values = {"id": row_id, "value": username.value, "key": username.key}
        key = {"tenant_id": tenant_of(session), "user_id": user_id}
        if session.execute(_RENAME, {**key, **values}).first() is None:
            raise IdentifierTaken
    _note(session, events.USERNAME_SET, actor, user_id, row_id, "username")


def find(session: Session, user_id: str, contact_id: str) -> Contact:
    """One identifier of a user by its id; raises `NotFound`."""
    if names.is_key(contact_id):
        for each in list_of_user(session, user_id):
            if each.id == contact_id:
                return each
    raise NotFound("contact")


def _of_kind(session: Session, user_id: str, kind: str) -> list[Contact]:
    return [each for each in list_of_user(session, user_id) if each.kind == kind]


def _insert(session: Session, user_id: str, identifier: Identifier, verified_at: int | None) -> str:
    values: Mapping[str, Any] = {
        "tenant_id": tenant_of(session),
        "id": new_id("idn"),
        "now": clock.now(),
        "user_id": user_id,
        "kind": identifier.kind,
        "value": identifier.value,
        "key": identifier.key,
        "is_primary": identifier.kind == "username",
        "verified_at": verified_at,
    }
    if session.execute(statements.ADD_IDENTIFIER, values).first() is None:
        raise IdentifierTaken
    row_id: str = values["id"]
    return row_id


def _prefer(session: Session, user_id: str, kind: str, contact_id: str) -> None:
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "kind": kind,
        "id": contact_id,
    }
    session.execute(_PREFER, values)


def _note(
    session: Session, event: str, actor: Actor, user_id: str, contact_id: str, kind: str
) -> None:
    targets = [("identifier", contact_id)]
    record(session, event, actor, subject_id=user_id, targets=targets, data={"kind": kind})
