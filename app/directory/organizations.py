"""Organizations and who belongs to them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import select

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import (
    members,
    memberships,
    names,
    organization_holdings,
    permissions,
    reach,
    settings_store,
    statements,
)
from app.directory import roles as role_rows
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.listing import Page, page, wanted
from app.directory.permissions import Forbidden
from app.ids import new_id
from app.models import Document, Membership
from app.models import Organization as OrganizationRow


@dataclass(frozen=True)
class Organization:
    """An organization. Times in milliseconds."""

    id: str
    slug: str
    name: str
    status: str
    parent_id: str | None
    is_joinable: bool
    public_metadata: Document
    private_metadata: Document
    policy: Document
    """What it asks beyond its tenant (`OrganizationPolicy`)."""
    created_at: int
    updated_at: int
    row_version: int

    @property
    def is_active(self) -> bool:
        """Whether anybody may act for it."""
        return self.status == "active"


class OrganizationChanges(TypedDict, total=False):
    """What may change about an organization."""

    name: str
    slug: str
    parent_id: str | None
    is_joinable: bool
    public_metadata: Document
    private_metadata: Document


def create(
    session: Session,
    actor: Actor,
    *,
    name: str,
    slug: str | None = None,
    creator_id: str | None = None,
    creator_roles: Sequence[str] | None = None,
    is_joinable: bool = False,
    parent_id: str | None = None,
    organization_id: str | None = None,
) -> str:
    """Make an organization, and its creator the first member; returns its id.

    A slug is made from the name where none is given. `creator_roles` default to the tenant's
    creator role; users always get just that, and only where the tenant lets them create. Raises
    `Taken` for a slug in use, `BadValue`, also for a parent that is none, and `Forbidden`.
    """
    permissions.demand(actor, "organization.create", creator_id)
    roles = _creator_roles(session, actor, creator_id, creator_roles)
    if parent_id is not None:
        _demand_parent(session, parent_id)
    tenant_id, now = tenant_of(session), clock.now()
    row_id = organization_id or new_id("org")
    shown = names.required("name", name, most=80)
    session.execute(
        statements.ADD_ORGANIZATION,
        {
            "tenant_id": tenant_id,
            "id": row_id,
            "created_at": now,
            "slug": _free_slug(session, shown, slug),
            "name": shown,
            "status": "active",
            "parent_id": parent_id,
            "is_joinable": is_joinable,
            "public_metadata": {},
            "private_metadata": {},
            "updated_at": now,
            "row_version": 1,
        },
    )
    if creator_id is not None:
        _add_member(session, row_id, creator_id, roles)
    _note(session, actor, events.ORGANIZATION_CREATED, row_id, creator_id)
    return row_id


def get(session: Session, organization_id: str) -> Organization | None:
    """The organization of this id, disabled or not; None when there is none."""
    row = session.get(OrganizationRow, (tenant_of(session), organization_id))
    return _view(row) if row else None


def by_slug_or_id(session: Session, text: str) -> Organization | None:
    """The organization that a request names, disabled or not; None when there is none."""
    if not names.is_key(text):
        return None
    query = select(OrganizationRow).where(
        OrganizationRow.tenant_id == tenant_of(session),
        sa.or_(OrganizationRow.slug == text, OrganizationRow.id == text),
    )
    row = session.scalars(query).first()
    return _view(row) if row else None


def list_page(session: Session, after: str | None = None, limit: int = 50) -> Page[Organization]:
    """One page of organizations, newest first."""
    query = (
        select(OrganizationRow)
        .where(OrganizationRow.tenant_id == tenant_of(session))
        .order_by(OrganizationRow.id.desc())
        .limit(wanted(limit))
    )
    if after is not None:
        query = query.where(OrganizationRow.id < after)
    return page(session.scalars(query).all(), limit, item=_view, key=lambda row: row.id)


def update(
    session: Session,
    actor: Actor,
    organization_id: str,
    *,
    row_version: int | None = None,
    **changed: Unpack[OrganizationChanges],
) -> int:
    """Change what is given; returns the new row version. Raises `NotFound`, `Taken` for a slug in
    use, `BadValue`, also for a parent that stands below it, and `StaleRow` when `row_version` is no
    longer the row's."""
    permissions.demand(actor, "organization.update")
    if "name" in changed:
        changed["name"] = names.required("name", changed["name"], most=80)
    if "slug" in changed:
        _demand_free_slug(session, changed["slug"], organization_id)
    if changed.get("parent_id") is not None:
        _demand_parent(session, str(changed["parent_id"]), organization_id)
    version = _write(session, organization_id, dict(changed), row_version)
    _note(session, actor, events.ORGANIZATION_UPDATED, organization_id, None, fields=[*changed])
    return version


def disable(session: Session, actor: Actor, organization_id: str) -> None:
    """Let nobody act for an organization; its members stay. Raises `NotFound`."""
    permissions.demand(actor, "organization.disable")
    _write(session, organization_id, {"status": "disabled"}, None)
    changes.note(session)
    _note(session, actor, events.ORGANIZATION_DISABLED, organization_id)


def enable(session: Session, actor: Actor, organization_id: str) -> None:
    """Let members act for an organization again. Raises `NotFound`."""
    permissions.demand(actor, "organization.enable")
    _write(session, organization_id, {"status": "active"}, None)
    changes.note(session)
    _note(session, actor, events.ORGANIZATION_ENABLED, organization_id)


def remove(session: Session, actor: Actor, organization_id: str) -> None:
    """Remove an organization with its memberships, invitations, domains and connections; tokens
    for it are refreshed no more. Raises `NotFound`, and `BadValue` while other organizations stand
    below it."""
    permissions.demand(actor, "organization.remove")
    tenant_id, row = tenant_of(session), OrganizationRow
    below = select(row.id).where(row.tenant_id == tenant_id, row.parent_id == organization_id)
    if session.scalar(below.limit(1)) is not None:
        raise BadValue("organization", "Other organizations stand below it.")
    organization_holdings.drop(session, organization_id)
    removed = session.scalars(
        sa.delete(row)
        .where(row.tenant_id == tenant_id, row.id == organization_id)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    )
    if removed.first() is None:
        raise NotFound("organization")
    changes.note(session)
    _note(session, actor, events.ORGANIZATION_REMOVED, organization_id)


def join(
    session: Session, actor: Actor, organization_id: str, user_id: str, roles: Sequence[str]
) -> bool:
    """Make a user a member; False when they are one already, whose roles stay.

    Users join by themselves only a joinable organization, where the tenant allows joining, and
    with its default role. Raises `NotFound`, `BadValue` for an unknown role, and `Forbidden`.
    """
    permissions.demand(actor, "organization.join", user_id)
    found = get(session, organization_id)
    if actor.kind == "user":
        rules = settings_store.load(session).organizations
        if not (found and found.is_active and found.is_joinable and rules.joining_open):
            raise Forbidden(actor, "organization.join")
        if list(roles) != [rules.default_role]:
            raise Forbidden(actor, "organization.change_roles")
    if found is None:
        raise NotFound("organization")
    if not _add_member(session, organization_id, user_id, roles):
        return False
    _note(session, actor, events.ORGANIZATION_JOINED, organization_id, user_id, roles=[*roles])
    return True


def place_invited(
    session: Session, actor: Actor, organization_id: str, user_id: str, roles: Sequence[str]
) -> bool:
    """Make a user a member whose invitation the caller has just spent; False when they are one
    already, whose roles stay. Raises `BadValue` for an unknown role."""
    permissions.demand(actor, "invitation.accept", user_id)
    if not _add_member(session, organization_id, user_id, roles):
        return False
    _note(session, actor, events.ORGANIZATION_JOINED, organization_id, user_id, roles=[*roles])
    return True


def leave(session: Session, actor: Actor, organization_id: str, user_id: str) -> None:
    """End a user's membership. Raises `NotFound`, and `Forbidden` for a member whose role is
    beyond the actor's reach."""
    permissions.demand(actor, "organization.leave", user_id, organization_id=organization_id)
    reach.demand_roles(actor, session, members.roles_of(session, organization_id, user_id), ())
    removed = session.scalars(
        sa.delete(Membership)
        .where(*_is_membership(session, organization_id, user_id))
        .returning(Membership.id)
        .execution_options(synchronize_session=False)
    )
    if removed.first() is None:
        raise NotFound("membership")
    _note(session, actor, events.ORGANIZATION_LEFT, organization_id, user_id)


def change_roles(
    session: Session, actor: Actor, organization_id: str, user_id: str, roles: Sequence[str]
) -> None:
    """Give a member exactly these roles. Raises `NotFound`, `BadValue` for an unknown role, and
    `Forbidden` for one beyond the actor's reach (X04)."""
    permissions.demand(actor, "organization.change_roles", organization_id=organization_id)
    role_rows.demand_known(session, roles)
    held = members.roles_of(session, organization_id, user_id)
    reach.demand_roles(actor, session, held, roles)
    changed = session.scalars(
        sa.update(Membership)
        .where(*_is_membership(session, organization_id, user_id))
        .values(roles=list(roles), row_version=Membership.row_version + 1)
        .returning(Membership.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        raise NotFound("membership")
    event = events.ORGANIZATION_ROLES_CHANGED
    _note(session, actor, event, organization_id, user_id, roles=[*roles])


def _creator_roles(
    session: Session, actor: Actor, creator_id: str | None, given: Sequence[str] | None
) -> Sequence[str]:
    if creator_id is None or (given is not None and actor.kind != "user"):
        return given or ()
    rules = settings_store.load(session).organizations
    if actor.kind == "user":
        if not rules.creation_open:
            raise Forbidden(actor, "organization.create")
        if given is not None and list(given) != [rules.creator_role]:
            raise Forbidden(actor, "organization.change_roles")
    return [rules.creator_role]


def _free_slug(session: Session, name: str, wish: str | None) -> str:
    if wish is not None:
        if _slug_is_taken(session, names.slug(wish)):
            raise Taken("slug")
        return wish
    made = names.slug_of(name) or "org"
    return f"{made}-{secrets.token_hex(4)}" if _slug_is_taken(session, made) else made


def _slug_is_taken(session: Session, slug: str, but_by: str | None = None) -> bool:
    query = select(OrganizationRow.id).where(
        OrganizationRow.tenant_id == tenant_of(session), OrganizationRow.slug == slug
    )
    return session.scalar(query) not in (None, but_by)


def _demand_free_slug(session: Session, slug: str, organization_id: str) -> None:
    if _slug_is_taken(session, names.slug(slug), organization_id):
        raise Taken("slug")


def _demand_parent(session: Session, parent_id: str, below: str | None = None) -> None:
    """The parent is there, and does not itself stand below the organization."""
    if get(session, parent_id) is None:
        raise BadValue("parent_id", "There is no such organization.")
    line = [parent_id, *(each.organization_id for each in memberships.above(session, parent_id))]
    if below in line:
        raise BadValue("parent_id", "An organization cannot stand below itself.")


def _add_member(session: Session, organization_id: str, user_id: str, roles: Sequence[str]) -> bool:
    role_rows.demand_known(session, roles)
    values = {
        "tenant_id": tenant_of(session),
        "id": new_id("mem"),
        "now": clock.now(),
        "organization_id": organization_id,
        "user_id": user_id,
        "roles": list(roles),
    }
    return session.execute(statements.ADD_MEMBERSHIP, values).first() is not None


def _is_membership(
    session: Session, organization_id: str, user_id: str
) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Membership.tenant_id == tenant_of(session),
        Membership.organization_id == organization_id,
        Membership.user_id == user_id,
    )


def _write(
    session: Session, organization_id: str, values: dict[str, Any], expected: int | None
) -> int:
    row = OrganizationRow
    statement = (
        sa.update(row)
        .where(row.tenant_id == tenant_of(session), row.id == organization_id)
        .values(**values, updated_at=clock.now(), row_version=row.row_version + 1)
        .returning(row.row_version)
        .execution_options(synchronize_session=False)
    )
    if expected is not None:
        statement = statement.where(row.row_version == expected)
    version = session.scalar(statement)
    if version is None:
        raise StaleRow if get(session, organization_id) else NotFound("organization")
    return version


def _view(row: OrganizationRow) -> Organization:
    return Organization(**{each.name: getattr(row, each.name) for each in fields(Organization)})


def _note(
    session: Session,
    actor: Actor,
    event: str,
    organization_id: str,
    subject_id: str | None = None,
    **data: Any,
) -> None:
    targets = [("organization", organization_id)]
    record(session, event, actor, subject_id=subject_id, targets=targets, data=data)
