"""The list of organizations that admins search."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.database import Session, tenant_of
from app.directory.listing import Page, page, wanted
from app.models import Connection, DomainClaim, Membership, Organization


@dataclass(frozen=True)
class Summary:
    """An organization in a list. Times in milliseconds."""

    id: str
    slug: str
    name: str
    status: str
    parent_id: str | None
    parent_name: str | None
    members: int
    has_connection: bool
    """Whether people sign in by a provider of its own."""
    created_at: int


def search(
    session: Session,
    text: str = "",
    *,
    parent_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Summary]:
    """One page of organizations, newest first: those whose name, slug, id or domain has `text` in
    it, upper or lower case alike; maybe only those directly below one."""
    row, parent = Organization, aliased(Organization)
    query = (
        select(
            *(getattr(row, name) for name in _OWN),
            parent.name.label("parent_name"),
            _members(row).label("members"),
            _has_connection(row).label("has_connection"),
        )
        .outerjoin(parent, (parent.tenant_id == row.tenant_id) & (parent.id == row.parent_id))
        .where(row.tenant_id == tenant_of(session), *_matching(row, text.strip()))
        .order_by(row.id.desc())
        .limit(wanted(limit))
    )
    if parent_id is not None:
        query = query.where(row.parent_id == parent_id)
    if after is not None:
        query = query.where(row.id < after)
    rows: Sequence[Any] = session.execute(query).all()
    return page(rows, limit, item=_summary, key=lambda each: each.id)


_OWN = ("id", "slug", "name", "status", "parent_id", "created_at")


def _matching(row: Any, text: str) -> list[sa.ColumnElement[bool]]:
    if not text:
        return []
    wish = text.lower()
    domains = select(DomainClaim.id).where(
        DomainClaim.tenant_id == row.tenant_id,
        DomainClaim.organization_id == row.id,
        DomainClaim.domain.contains(wish, autoescape=True),
    )
    return [
        sa.or_(
            func.lower(row.name).contains(wish, autoescape=True),
            row.slug.contains(wish, autoescape=True),
            row.id == text,
            domains.exists(),
        )
    ]


def _members(row: Any) -> Any:
    return (
        select(func.count(Membership.id))
        .where(Membership.tenant_id == row.tenant_id, Membership.organization_id == row.id)
        .scalar_subquery()
    )


def _has_connection(row: Any) -> Any:
    return (
        select(Connection.id)
        .where(
            Connection.tenant_id == row.tenant_id,
            Connection.organization_id == row.id,
            Connection.status == "active",
        )
        .exists()
    )


def _summary(row: Any) -> Summary:
    return Summary(**{each.name: getattr(row, each.name) for each in fields(Summary)})
