"""People: made, found, verified, changed. With its neighbours the only writer of their rows."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.addresses import Email
from app.audit import events
from app.audit.log import record
from app.audit.personal import new_key, remember_key
from app.database import Session, tenant_of
from app.directory import (
    breached_passwords,
    families,
    linked_identities,
    names,
    pending_contacts,
    permissions,
    sessions,
    statements,
)
from app.directory.errors import NotFound, StaleRow, Taken
from app.directory.listing import Page, page, wanted
from app.identifiers import Identifier as IdentifierOf
from app.identifiers import IdentifierKind
from app.ids import new_id
from app.models import Document, Identifier, User

HANDLE_BYTES = 64


class IdentifierTaken(Taken):
    """Another user of the tenant has this address. The caller lets its transaction roll back."""

    def __init__(self) -> None:
        super().__init__("email address")


@dataclass(frozen=True)
class Person:
    """A user with the primary email address and the password's hash, as sign-in needs them."""

    user_id: str
    status: str
    display_name: str | None
    locale: str | None
    email: str | None
    email_key: str | None
    identifier_id: str | None
    email_verified: bool
    password_hash: str | None
    phone: str | None = None
    """E.164."""
    phone_id: str | None = None
    phone_verified: bool = False
    username: str | None = None
    is_anonymous: bool = False
    handle: bytes = b""
    """The user handle of WebAuthn."""

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in."""
        return self.status == "active"

    def has_proven(self, kind: IdentifierKind) -> bool:
        """Whether the address, or the number, is theirs beyond doubt."""
        return self.phone_verified if kind == "phone" else self.email_verified


@dataclass(frozen=True)
class ListedPerson:
    """A user in a list. Times in milliseconds."""

    id: str
    status: str
    display_name: str | None
    email: str | None
    email_verified: bool
    created_at: int
    last_signed_in_at: int | None
    row_version: int


class Profile(TypedDict, total=False):
    """What users may change about themselves."""

    display_name: str | None
    locale: str | None


class Metadata(TypedDict, total=False):
    """What the tenant keeps about a user: `public` is shown to clients, `private` is not."""

    public_metadata: Document
    private_metadata: Document


def create(
    session: Session,
    actor: Actor,
    *,
    email: Email | None = None,
    email_verified: bool = False,
    display_name: str | None = None,
    locale: str | None = None,
    password_hash: str | None = None,
    public_metadata: Mapping[str, Any] | None = None,
    private_metadata: Mapping[str, Any] | None = None,
    is_anonymous: bool = False,
    user_id: str | None = None,
    handle: bytes | None = None,
) -> str:
    """Make a user; returns the id. Raises `IdentifierTaken`, and then the caller must roll back.

    At most four statements. Users make only themselves, at sign-up: under the id that the actor
    has and `user_id` gives. `handle` is the WebAuthn user handle of a passkey that was made before
    its user.
    """
    permissions.demand(actor, "user.create", user_id)
    user_id = user_id or new_id("usr")
    tenant_id, now = tenant_of(session), clock.now()
    key = new_key(tenant_id, user_id)
    session.execute(
        statements.ADD_USER,
        {
            "tenant_id": tenant_id,
            "id": user_id,
            "created_at": now,
            "status": "active",
            **names.columns(display_name),
            "locale": locale,
            "is_anonymous": is_anonymous,
            "handle": handle or os.urandom(HANDLE_BYTES),
            "public_metadata": dict(public_metadata or {}),
            "private_metadata": dict(private_metadata or {}),
            "personal_key": key,
            "updated_at": now,
            "row_version": 1,
        },
    )
    remember_key(session, user_id, key)
    if email is not None:
        _add_email(session, user_id, email, now if email_verified else None)
    if password_hash is not None:
        _write_password(session, user_id, password_hash)
    data = {"has_password": password_hash is not None, "is_anonymous": is_anonymous}
    record(session, events.USER_CREATED, actor, subject_id=user_id, data=data)
    return user_id


def get(session: Session, user_id: str) -> User | None:
    """The user's row, in whatever status; None when there is none in this tenant."""
    return session.get(User, (tenant_of(session), user_id))


def find(session: Session, identifier: IdentifierOf) -> Person | None:
    """Whoever this identifier names, verified or not, active or not; one statement.

    An address or number that is typed stands in the person in place of the primary one.
    """
    values = {"tenant_id": tenant_of(session), "kind": identifier.kind, "key": identifier.key}
    row = session.execute(statements.PERSON_BY_IDENTIFIER, values).first()
    return Person(**row._mapping) if row else None


def find_by_email(session: Session, email_key: str) -> Person | None:
    """Whoever this address (`Email.key`) names, verified or not, active or not; one statement."""
    return find(session, IdentifierOf("email", email_key, email_key))


def snapshot_of(session: Session, user_id: str) -> Person | None:
    """A user with their primary address, if any; None when there is none; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    row = session.execute(statements.PERSON_BY_ID, values).first()
    return Person(**row._mapping) if row else None


def list_page(
    session: Session, after: str | None = None, limit: int = 50, email_contains: str | None = None
) -> Page[ListedPerson]:
    """One page of users that were not erased, newest first; maybe only those whose address
    contains a text."""
    query = (
        select(User, Identifier.value.label("email"), Identifier.verified_at)
        .outerjoin(
            Identifier,
            (Identifier.tenant_id == User.tenant_id)
            & (Identifier.user_id == User.id)
            & (Identifier.kind == "email")
            & Identifier.is_primary,
        )
        .where(User.tenant_id == tenant_of(session), User.status != "erased")
        .order_by(User.id.desc())
        .limit(wanted(limit))
    )
    if after is not None:
        query = query.where(User.id < after)
    if email_contains:
        query = query.where(Identifier.key.contains(email_contains.lower(), autoescape=True))
    rows = session.execute(query).all()
    return page(rows, limit, item=_listed, key=lambda row: row.User.id)


def update(
    session: Session,
    actor: Actor,
    user_id: str,
    *,
    row_version: int | None = None,
    **fields: Unpack[Profile],
) -> int:
    """Change the fields that are given; returns the new row version.

    Raises `NotFound`, and `StaleRow` when `row_version` is no longer the row's.
    """
    permissions.demand(actor, "user.update", user_id)
    return _change(session, actor, user_id, row_version, dict(fields))


def update_metadata(
    session: Session,
    actor: Actor,
    user_id: str,
    *,
    row_version: int | None = None,
    **fields: Unpack[Metadata],
) -> int:
    """Replace the metadata that is given; returns and raises as `update` does."""
    permissions.demand(actor, "user.update_metadata", user_id)
    return _change(session, actor, user_id, row_version, dict(fields))


def verify_email(
    session: Session,
    actor: Actor,
    user_id: str,
    identifier_id: str,
    *,
    proved_password: bool,
    kind: IdentifierKind = "email",
) -> bool:
    """Note that a person has proven an address, or a number, of their account; False when it was
    known before.

    Who set up the account may not be who owns the address. So unless the person also proved the
    account's password in the same flow, a first verification drops every credential, every linked
    identity, every other identifier and every grant, and ends all sessions and token families.
    """
    permissions.demand(actor, "user.verify_email", user_id)
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    values = {**key, "id": identifier_id, "now": clock.now()}
    if session.execute(statements.VERIFY_IDENTIFIER, values).first() is None:
        return False
    if not proved_password:
        session.execute(statements.REMOVE_CREDENTIALS, key)
        linked_identities.unlink_all(session, user_id)
        pending_contacts.void(session, user_id)
        session.execute(statements.REMOVE_OTHER_IDENTIFIERS, {**key, "keep": identifier_id})
        session.execute(statements.KEEP_AS_PRIMARY, {**key, "id": identifier_id})
        sessions.end_all_of_user(session, actor, user_id, "evicted")
        session.execute(statements.REMOVE_GRANTS, key)
        record(session, events.USER_EVICTED, actor, subject_id=user_id)
    event = events.USER_PHONE_VERIFIED if kind == "phone" else events.USER_EMAIL_VERIFIED
    record(session, event, actor, subject_id=user_id, targets=[("identifier", identifier_id)])
    return True


def set_password(
    session: Session,
    actor: Actor,
    user_id: str,
    password_hash: str,
    *,
    keep_session_id: str | None = None,
) -> None:
    """Set or replace the password. Ends every session but `keep_session_id`, every token family of
    every client, and whatever contact or authenticator was about to be added."""
    permissions.demand(actor, "user.set_password", user_id)
    _write_password(session, user_id, password_hash)
    breached_passwords.forget(session, user_id)
    pending_contacts.void(session, user_id)
    because = "password_set"
    sessions.end_all_of_user(session, actor, user_id, because, keep_session_id)
    if keep_session_id:
        families.revoke_of_user(session, actor, user_id, because)
    record(session, events.USER_PASSWORD_SET, actor, subject_id=user_id)


def password_id(session: Session, user_id: str) -> str | None:
    """The id of the password's row; None when there is none; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    return session.scalars(statements.PASSWORD_ID, values).first()


def remove_password(session: Session, actor: Actor, user_id: str) -> None:
    """Take the password away. Raises `NotFound` where there is none; that another way in is left is
    the caller's care."""
    permissions.demand(actor, "user.remove_password", user_id)
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    if session.execute(statements.REMOVE_PASSWORD, values).first() is None:
        raise NotFound("password")
    record(session, events.USER_PASSWORD_REMOVED, actor, subject_id=user_id)


def rehash_password(
    session: Session, actor: Actor, user_id: str, password_hash: str, *, replaces: str
) -> bool:
    """Keep the same password under a newer hash; ends nothing. False when the password is not the
    one that hashed to `replaces` any more."""
    permissions.demand(actor, "user.rehash_password", user_id)
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "secret": password_hash,
        "replaces": replaces,
    }
    if session.execute(statements.REHASH_PASSWORD, values).first() is None:
        return False
    record(session, events.USER_PASSWORD_REHASHED, actor, subject_id=user_id)
    return True


def _add_email(session: Session, user_id: str, email: Email, verified_at: int | None) -> None:
    values = {
        "tenant_id": tenant_of(session),
        "id": new_id("idn"),
        "now": clock.now(),
        "user_id": user_id,
        "kind": "email",
        "value": email.value,
        "key": email.key,
        "is_primary": True,
        "verified_at": verified_at,
    }
    if session.execute(statements.ADD_IDENTIFIER, values).first() is None:
        raise IdentifierTaken


def _write_password(session: Session, user_id: str, password_hash: str) -> None:
    values = {
        "tenant_id": tenant_of(session),
        "id": new_id("crd"),
        "now": clock.now(),
        "user_id": user_id,
        "secret": password_hash,
    }
    session.execute(statements.SET_PASSWORD, values)


def _change(
    session: Session, actor: Actor, user_id: str, expected: int | None, values: dict[str, Any]
) -> int:
    tenant_id = tenant_of(session)
    named_as = names.columns(values["display_name"]) if "display_name" in values else {}
    statement = (
        sa.update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.status != "erased")
        .values(**{**values, **named_as}, updated_at=clock.now(), row_version=User.row_version + 1)
        .returning(User.row_version)
        .execution_options(synchronize_session=False)
    )
    if expected is not None:
        statement = statement.where(User.row_version == expected)
    row_version = session.scalar(statement)
    if row_version is None:
        raise StaleRow if get(session, user_id) else NotFound("user")
    record(session, events.USER_UPDATED, actor, subject_id=user_id, data={"fields": [*values]})
    return row_version


def _listed(row: sa.Row[User, str, int | None]) -> ListedPerson:
    user: User = row.User
    return ListedPerson(
        user.id,
        user.status,
        user.display_name,
        row.email,
        row.verified_at is not None,
        user.created_at,
        user.last_signed_in_at,
        user.row_version,
    )
