"""For whom a person acts, and what that asks of them: by the organization, those above it, and the
roles there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON

from app.database import Session, named, tenant_of
from app.directory import roles as role_rows
from app.directory import statements
from app.directory.settings import OrganizationPolicy

_ABOVE = named(
    """WITH RECURSIVE above (below, id) AS (
         SELECT o.id, o.parent_id FROM organization o
         WHERE o.tenant_id = :tenant_id AND o.parent_id IS NOT NULL AND o.id IN :ids
         UNION
         SELECT a.below, p.parent_id FROM above a
         JOIN organization p ON p.tenant_id = :tenant_id AND p.id = a.id
         WHERE p.parent_id IS NOT NULL)
       SELECT a.below, o.id AS organization_id, o.slug, o.policy,
         EXISTS (SELECT 1 FROM connection n WHERE n.tenant_id = :tenant_id
           AND n.organization_id = o.id AND n.status = 'active'
           AND o.status = 'active') AS has_connection
       FROM above a
       JOIN organization o ON o.tenant_id = :tenant_id AND o.id = a.id
       ORDER BY a.below, o.id DESC"""
).bindparams(sa.bindparam("ids", expanding=True)).columns(
    policy=JSON(), has_connection=sa.Boolean()
)  # fmt: skip
_ONE = named(
    """SELECT o.name, o.slug, o.parent_id, o.policy,
         EXISTS (SELECT 1 FROM connection n WHERE n.tenant_id = :tenant_id
           AND n.organization_id = o.id AND n.status = 'active') AS has_connection
       FROM organization o WHERE o.tenant_id = :tenant_id AND o.id = :id"""
).columns(policy=JSON(), has_connection=sa.Boolean())
_DEMANDING = ("members", "domain")


@dataclass(frozen=True)
class Inherited:
    """What an organization further up asks of whoever acts for one below it."""

    slug: str
    requires_mfa: bool = False
    methods: tuple[str, ...] | None = None
    sso_required: bool = False
    """Whether it asks this person to sign in by its own provider."""
    organization_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class MembershipView:
    """A user's place in an active organization."""

    organization_id: str
    name: str
    slug: str
    roles: tuple[str, ...]
    member_count: int
    requires_mfa: bool = False
    """Whether the organization asks a second factor of whoever acts for it."""
    demanding_roles: tuple[str, ...] = ()
    """Those of the roles that ask for one by themselves."""
    methods: tuple[str, ...] | None = None
    """The only methods by which it may be acted for; None for all that the tenant has."""
    sso_required: bool = False
    """Whether this person may act for it only by its own provider, or by that of an organization
    above it: where it asks that, its provider can be asked, and it named the person no owner who
    may break the glass."""
    inherited: tuple[Inherited, ...] = ()
    """What the organizations above it ask, the nearest first."""


def of_user(session: Session, user_id: str) -> list[MembershipView]:
    """Where a user belongs, by name, active organizations only; one statement, and one more where
    any of them stands below another."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    rows = session.execute(statements.MEMBERSHIPS_OF_USER, values).all()
    above = _above(session, [row.organization_id for row in rows if row.parent_id], user_id)
    # One row for each role that asks for a second factor, and one where none does.
    found = [[*same] for _, same in groupby(rows, key=lambda row: row.organization_id)]
    return [_view(same, above, user_id) for same in found]


def to_be(
    session: Session, organization_id: str, roles: Sequence[str], name: str
) -> MembershipView:
    """The place that a user is about to have in an organization; in one that is about to be made,
    under `name`, as its first member."""
    values = {"tenant_id": tenant_of(session), "id": organization_id}
    row = session.execute(_ONE, values).first()
    demanding = [each.key for each in role_rows.list_roles(session) if each.mfa_required]
    asked = OrganizationPolicy.model_validate(row.policy if row else {})
    above = _above(session, [organization_id] if row and row.parent_id else [])
    return MembershipView(
        organization_id=organization_id,
        name=row.name if row else name,
        slug=row.slug if row else "",
        roles=tuple(roles),
        member_count=1,
        requires_mfa=asked.mfa == "required",
        demanding_roles=tuple(key for key in demanding if key in roles),
        methods=asked.methods,
        sso_required=row is not None and _asks_sso(row, asked, None),
        inherited=above.get(organization_id, ()),
    )


def above(session: Session, organization_id: str) -> tuple[Inherited, ...]:
    """What the organizations above one ask, the nearest first."""
    return _above(session, [organization_id]).get(organization_id, ())


def _above(
    session: Session, ids: Sequence[str], user_id: str | None = None
) -> Mapping[str, tuple[Inherited, ...]]:
    if not ids:
        return {}
    values = {"tenant_id": tenant_of(session), "ids": [*ids]}
    rows = session.execute(_ABOVE, values).all()
    return {
        below: tuple(_inherited(row, user_id) for row in same)
        for below, same in groupby(rows, key=lambda row: row.below)
    }


def _inherited(row: sa.Row[Any], user_id: str | None) -> Inherited:
    asked = OrganizationPolicy.model_validate(row.policy)
    return Inherited(
        row.slug,
        asked.mfa == "required",
        asked.methods,
        _asks_sso(row, asked, user_id),
        row.organization_id,
    )


def _asks_sso(row: sa.Row[Any], asked: OrganizationPolicy, user_id: str | None) -> bool:
    """An organization whose provider cannot be asked locks nobody out."""
    return row.has_connection and asked.sso in _DEMANDING and user_id not in asked.break_glass


def _view(
    rows: Sequence[sa.Row[Any]], above: Mapping[str, tuple[Inherited, ...]], user_id: str
) -> MembershipView:
    row, asked = rows[0], OrganizationPolicy.model_validate(rows[0].policy)
    return MembershipView(
        organization_id=row.organization_id,
        name=row.name,
        slug=row.slug,
        roles=tuple(row.roles),
        member_count=row.member_count,
        requires_mfa=asked.mfa == "required",
        demanding_roles=tuple(each.demanding_role for each in rows if each.demanding_role),
        methods=asked.methods,
        sso_required=_asks_sso(row, asked, user_id),
        inherited=above.get(row.organization_id, ()),
    )
