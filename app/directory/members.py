"""The members of an organization, as its list shows them."""

from dataclasses import dataclass

from sqlalchemy import Row, select

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
    session: Session, organization_id: str, after: str | None = None, limit: int = 50
) -> Page[Member]:
    """One page of an organization's members, the newest first."""
    query = (
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
        .order_by(Membership.id.desc())
        .limit(wanted(limit))
    )
    if after is not None:
        query = query.where(Membership.id < after)
    rows = session.execute(query).all()
    return page(rows, limit, item=_member, key=lambda row: row.Membership.id)


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
