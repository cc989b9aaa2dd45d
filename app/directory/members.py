"""The members of an organization, as its list shows them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Row, func, select

from app.database import Session, tenant_of
from app.directory.listing import Page, page, wanted
from app.models import Identifier, Membership, User


@dataclass(frozen=True)
class Member:
    """A member in an organization's list."""

    user_id: str
    display_name: str | None
    email: str | None
    roles: tuple[str, ...]
    joined_at: int


def list_page(
    session: Session,
    organization_id: str,
    after: str | None = None,
    limit: int = 50,
    text: str = "",
) -> Page[Member]:
    """One page of an organization's members, the newest first; maybe only those whose name or
    address has `text` in it, upper or lower case alike."""
    query = _query(session, organization_id).order_by(Membership.id.desc()).limit(wanted(limit))
    if text.strip():
        wish = text.strip().lower()
        found_by = (func.lower(User.display_name), func.lower(Identifier.value))
        query = query.where(sa.or_(*(each.contains(wish, autoescape=True) for each in found_by)))
    if after is not None:
        query = query.where(Membership.id < after)
    rows = session.execute(query).all()
    return page(rows, limit, item=_member, key=lambda row: row.Membership.id)


def find(session: Session, organization_id: str, user_id: str) -> Member | None:
    """The member; None for whoever is not one."""
    query = _query(session, organization_id).where(Membership.user_id == user_id)
    row = session.execute(query).first()
    return _member(row) if row else None


def with_role(session: Session, organization_id: str, role: str, most: int = 50) -> list[Member]:
    """The members who have a role, the newest first."""
    has_it = sa.cast(Membership.roles, sa.Text).contains(f'"{role}"', autoescape=True)
    query = _query(session, organization_id).where(has_it).order_by(Membership.id.desc())
    return [_member(row) for row in session.execute(query.limit(most))]


def _query(session: Session, organization_id: str) -> sa.Select[Membership, str | None, str]:
    return (
        select(Membership, User.display_name, Identifier.value.label("email"))
        .join(User, (User.tenant_id == Membership.tenant_id) & (User.id == Membership.user_id))
        .outerjoin(
            Identifier,
            (Identifier.tenant_id == User.tenant_id)
            & (Identifier.user_id == User.id)
            & (Identifier.kind == "email")
            & Identifier.is_primary,
        )
        .where(
            Membership.tenant_id == tenant_of(session),
            Membership.organization_id == organization_id,
        )
        .execution_options(populate_existing=True)
    )


def roles_of(session: Session, organization_id: str, user_id: str) -> tuple[str, ...]:
    """The roles of a member; none for whoever is not one."""
    query = select(Membership.roles).where(
        Membership.tenant_id == tenant_of(session),
        Membership.organization_id == organization_id,
        Membership.user_id == user_id,
    )
    return tuple(session.scalar(query) or ())


def _member(row: Row[Membership, str | None, str]) -> Member:
    held: Membership = row.Membership
    return Member(held.user_id, row.display_name, row.email, tuple(held.roles), held.created_at)
