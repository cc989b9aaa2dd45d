"""The roles that a tenant knows; members of its organizations have some of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Text, cast, func, select

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import names, permissions, settings_store
from app.directory.errors import BadValue, NotFound, Refused, Taken
from app.ids import new_id
from app.models import Membership
from app.models import Role as RoleRow

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class RoleInUse(Refused):
    """The role is needed, so it cannot go."""

    def __init__(self, sentence: str = "Members have this role.") -> None:
        super().__init__(sentence)


@dataclass(frozen=True)
class Role:
    """A role: its key stands in tokens, its name on pages."""

    id: str
    key: str
    name: str
    mfa_required: bool
    """Whether whoever acts with this role needs a second factor."""


def create_role(session: Session, actor: Actor, key: str, name: str) -> str:
    """Make a role; returns its id. Raises `BadValue` and `Taken`."""
    permissions.demand(actor, "role.create")
    if not _KEY.fullmatch(key):
        raise BadValue("key", "A role's key has 1 to 40 of a-z, 0-9, _ and -, a letter first.")
    if key in {role.key for role in list_roles(session)}:
        raise Taken("role")
    row_id = new_id("rol")
    session.add(
        RoleRow(
            tenant_id=tenant_of(session),
            id=row_id,
            created_at=clock.now(),
            key=key,
            name=names.required("name", name, most=80),
        )
    )
    session.flush()
    record(session, events.ROLE_CREATED, actor, targets=[("role", row_id)], data={"key": key})
    return row_id


def rename_role(session: Session, actor: Actor, key: str, name: str) -> None:
    """Give a role another name; its key stays. Raises `NotFound` and `BadValue`."""
    permissions.demand(actor, "role.create")
    changed = session.scalar(
        sa.update(RoleRow)
        .where(RoleRow.tenant_id == tenant_of(session), RoleRow.key == key)
        .values(name=names.required("name", name, most=80))
        .returning(RoleRow.id)
    )
    if changed is None:
        raise NotFound("role")
    record(session, events.ROLE_RENAMED, actor, targets=[("role", changed)], data={"key": key})


def list_roles(session: Session) -> list[Role]:
    """Every role of the tenant, oldest first."""
    query = select(RoleRow).where(RoleRow.tenant_id == tenant_of(session)).order_by(RoleRow.id)
    return [Role(row.id, row.key, row.name, row.mfa_required) for row in session.scalars(query)]


def delete_role(session: Session, actor: Actor, key: str) -> None:
    """Remove a role that nobody has, and that no rule of the tenant gives. Raises `NotFound` and
    `RoleInUse`."""
    permissions.demand(actor, "role.delete")
    tenant_id = tenant_of(session)
    rules = settings_store.load(session).organizations
    if key in (rules.default_role, rules.creator_role):
        raise RoleInUse("The tenant's settings give this role to new members or creators.")
    if holders(session, key):
        raise RoleInUse
    removed = session.scalars(
        sa.delete(RoleRow)
        .where(RoleRow.tenant_id == tenant_id, RoleRow.key == key)
        .returning(RoleRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    if removed is None:
        raise NotFound("role")
    record(session, events.ROLE_DELETED, actor, targets=[("role", removed)], data={"key": key})


def holders(session: Session, key: str) -> int:
    """How many places in organizations have this role."""
    query = select(func.count(Membership.id)).where(
        Membership.tenant_id == tenant_of(session),
        cast(Membership.roles, Text).contains(f'"{key}"', autoescape=True),
    )
    return session.scalar(query) or 0


def demand_known(session: Session, keys: Iterable[str]) -> None:
    """Raise `BadValue` unless the tenant knows every one of these roles."""
    unknown = set(keys) - {role.key for role in list_roles(session)}
    if unknown:
        raise BadValue("roles", f"There is no role {sorted(unknown)[0]}.")


def known(session: Session, keys: Iterable[str]) -> list[str]:
    """Those of the roles that the tenant knows, in the same order."""
    there = {role.key for role in list_roles(session)}
    return [key for key in keys if key in there]
