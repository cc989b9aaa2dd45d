"""The long list of a tenant's people: searched, filtered, ordered, a page at a time."""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Row, Select, select

from app.database import Session, tenant_of
from app.directory import names, people_sought
from app.directory.listing import Page, page, wanted
from app.directory.people_sought import Range
from app.directory.tenants import Tenant
from app.models import Credential, Identifier, Membership, User

Status = Literal["", "active", "disabled", "leaving", "anonymous"]
Order = Literal["newest", "oldest", "signed_in"]
_BETWEEN = "~"
"""Stands between the two halves of a cursor whose order is not that of the ids alone."""
_LONGEST_MOMENT = 15


@dataclass(frozen=True)
class Wish:
    """Whom to list. Times in milliseconds; what is None or empty asks nothing."""

    text: str = ""
    status: Status = ""
    """`leaving`: to be erased after a time. `anonymous`: guests, whom no other list has."""
    mfa: bool | None = None
    """Whether they have a second factor that the tenant takes."""
    passkey: bool | None = None
    organization_id: str | None = None
    signed_in_since: int | None = None
    not_signed_in_since: int | None = None
    """Those who have not signed in since then, or never."""
    created_since: int | None = None
    created_before: int | None = None
    order: Order = "newest"
    """`signed_in`: the last sign-in first; whoever never signed in is not in it."""


@dataclass(frozen=True)
class Found:
    """A user in the list. Times in milliseconds."""

    id: str
    status: str
    is_anonymous: bool
    display_name: str | None
    email: str | None
    email_verified_at: int | None
    phone: str | None
    username: str | None
    created_at: int
    last_signed_in_at: int | None
    deletion_due_at: int | None


def list_page(
    session: Session, tenant: Tenant, wish: Wish, after: str | None = None, limit: int = 50
) -> Page[Found]:
    """One page of the people that fit, continued `after` the cursor of the page before. Nobody who
    was erased is among them. One statement, which counts nothing."""
    query = statement(session, tenant, wish, after).limit(wanted(limit))
    rows = session.execute(query).all()
    return page(rows, limit, item=_found, key=lambda row: _cursor(row, wish))


def statement(
    session: Session, tenant: Tenant, wish: Wish, after: str | None = None
) -> Select[Any]:
    """What is asked of the database for `list_page`."""
    query = _filtered(_sought(_listed(session), session, tenant, wish), session, tenant, wish)
    return _continued(_ordered(query, wish), wish, after)


def _listed(session: Session) -> Select[Any]:
    return select(
        User.id,
        User.status,
        User.is_anonymous,
        User.display_name,
        _primary(session, "email", Identifier.value).label("email"),
        _primary(session, "email", Identifier.verified_at).label("email_verified_at"),
        _primary(session, "phone", Identifier.value).label("phone"),
        _primary(session, "username", Identifier.value).label("username"),
        User.created_at,
        User.last_signed_in_at,
        User.deletion_due_at,
    ).where(User.tenant_id == tenant_of(session))


def _primary(session: Session, kind: str, column: Any) -> Any:
    """Looked up for the rows of the page alone."""
    return (
        select(column)
        .where(
            Identifier.tenant_id == tenant_of(session),
            Identifier.user_id == User.id,
            Identifier.kind == kind,
            Identifier.is_primary,
        )
        .limit(1)
        .scalar_subquery()
    )


def _sought(query: Select[Any], session: Session, tenant: Tenant, wish: Wish) -> Select[Any]:
    if not wish.text.strip():
        return query
    region = tenant.settings.identifiers.default_region
    places = [_ids_in(session, each) for each in people_sought.ranges(wish.text, region)]
    if not places:
        return query.where(sa.false())
    return query.where(User.id.in_(sa.union(*places)))


def _ids_in(session: Session, sought: Range) -> Select[Any]:
    tenant_id = tenant_of(session)
    columns = {"id": User.id, "name": User.name_key, "family_name": User.family_key}
    if sought.field in columns:
        column = columns[sought.field]
        keys = select(User.id).where(User.tenant_id == tenant_id)
        return keys.where(column >= sought.start, column < sought.end).correlate(None)
    return select(Identifier.user_id).where(
        Identifier.tenant_id == tenant_id,
        Identifier.kind == sought.field,
        Identifier.key >= sought.start,
        Identifier.key < sought.end,
    )


def _filtered(query: Select[Any], session: Session, tenant: Tenant, wish: Wish) -> Select[Any]:
    query = query.where(*_standing(wish.status), *_times(wish))
    if wish.mfa is not None:
        query = query.where(_whether(wish.mfa, _has_second(session, tenant)))
    if wish.passkey is not None:
        query = query.where(_whether(wish.passkey, _has_credential(session, "passkey")))
    if wish.organization_id is not None:
        query = query.where(_belongs_to(session, wish.organization_id))
    return query


def _standing(status: Status) -> list[ColumnElement[bool]]:
    is_guest = User.is_anonymous.is_(True)
    wanted_kind = is_guest if status == "anonymous" else sa.not_(is_guest)
    among: list[ColumnElement[bool]] = [User.status != "erased", wanted_kind]
    if status == "leaving":
        among.append(User.deletion_due_at.is_not(None))
    elif status in ("active", "disabled"):
        among.append(User.status == status)
    return among


def _times(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.signed_in_since is not None:
        found.append(User.last_signed_in_at >= wish.signed_in_since)
    if wish.not_signed_in_since is not None:
        long_ago = User.last_signed_in_at < wish.not_signed_in_since
        found.append(sa.or_(User.last_signed_in_at.is_(None), long_ago))
    if wish.created_since is not None:
        found.append(User.created_at >= wish.created_since)
    if wish.created_before is not None:
        found.append(User.created_at < wish.created_before)
    return found


def _whether(wanted: bool, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition if wanted else sa.not_(condition)


def _has_second(session: Session, tenant: Tenant) -> ColumnElement[bool]:
    """By any method that the tenant takes as a second factor."""
    contacts = {"sms_code": "phone", "email_code": "email"}
    ways = [
        _has_proven(session, contacts[method])
        if method in contacts
        else _has_credential(session, method)
        for method in tenant.settings.methods.second
    ]
    return sa.or_(sa.false(), *ways)


def _has_credential(session: Session, kind: str) -> ColumnElement[bool]:
    return sa.exists().where(
        Credential.tenant_id == tenant_of(session),
        Credential.user_id == User.id,
        Credential.kind == kind,
    )


def _has_proven(session: Session, kind: str) -> ColumnElement[bool]:
    return sa.exists().where(
        Identifier.tenant_id == tenant_of(session),
        Identifier.user_id == User.id,
        Identifier.kind == kind,
        Identifier.verified_at.is_not(None),
    )


def _belongs_to(session: Session, organization_id: str) -> ColumnElement[bool]:
    return User.id.in_(
        select(Membership.user_id).where(
            Membership.tenant_id == tenant_of(session),
            Membership.organization_id == organization_id,
        )
    )


def _ordered(query: Select[Any], wish: Wish) -> Select[Any]:
    if wish.order == "oldest":
        return query.order_by(User.id)
    if wish.order == "newest":
        return query.order_by(User.id.desc())
    signed_in = query.where(User.last_signed_in_at.is_not(None))
    return signed_in.order_by(User.last_signed_in_at.desc(), User.id.desc())


def _continued(query: Select[Any], wish: Wish, after: str | None) -> Select[Any]:
    """Behind the cursor; one that is no cursor of ours begins anew."""
    if after is None or not names.is_key(after):
        return query
    if wish.order == "oldest":
        return query.where(User.id > after)
    if wish.order == "newest":
        return query.where(User.id < after)
    moment, _, user_id = after.partition(_BETWEEN)
    if not moment.isdigit() or len(moment) > _LONGEST_MOMENT:
        return query
    here = sa.tuple_(sa.literal(int(moment)), sa.literal(user_id))
    return query.where(sa.tuple_(User.last_signed_in_at, User.id) < here)


def _cursor(row: Row[Any], wish: Wish) -> str:
    if wish.order == "signed_in":
        return f"{row.last_signed_in_at}{_BETWEEN}{row.id}"
    return str(row.id)


def _found(row: Row[Any]) -> Found:
    return Found(**row._mapping)
