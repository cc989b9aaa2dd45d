"""What things are called, by their ids: for logs that keep ids alone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from app.database import Session, tenant_of
from app.models import Client, Connection, DomainClaim, Identifier, Organization, User

_NAMED: dict[str, tuple[Any, Any]] = {
    "org": (Organization, Organization.name),
    "cli": (Client, Client.name),
    "con": (Connection, Connection.name),
    "dom": (DomainClaim, DomainClaim.domain),
}
"""The beginning of an id -> the table, and the column that holds the name."""


def names_of(
    session: Session, ids: Iterable[str | None], *, with_people: bool = True
) -> dict[str, str]:
    """Id -> name, for the people, organizations, clients, connections and domains among `ids`
    that are there; of people the name, or else an address. One statement for each kind."""
    wanted = {each for each in ids if each}
    names: dict[str, str] = {}
    for prefix, (model, name) in _NAMED.items():
        own = _of_kind(wanted, prefix)
        if own:
            query = select(model.id, name.label("name")).where(
                model.tenant_id == tenant_of(session), model.id.in_(own)
            )
            names |= {row.id: row.name for row in session.execute(query)}
    people = _of_kind(wanted, "usr") if with_people else set()
    return names | _people(session, people) if people else names


def _of_kind(ids: Iterable[str], prefix: str) -> set[str]:
    return {each for each in ids if each.startswith(f"{prefix}_")}


def _people(session: Session, ids: set[str]) -> dict[str, str]:
    rows = session.execute(_of_people(session, ids)).all()
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(row.id, row.display_name or row.value or row.id)
    return found


def _of_people(session: Session, ids: set[str]) -> Select[str, str | None, str]:
    tenant_id = tenant_of(session)
    return (
        select(User.id, User.display_name, Identifier.value)
        .outerjoin(
            Identifier,
            (Identifier.tenant_id == User.tenant_id)
            & (Identifier.user_id == User.id)
            & Identifier.is_primary,
        )
        .where(User.tenant_id == tenant_id, User.id.in_(ids), User.status != "erased")
        .order_by(User.id, Identifier.kind)
    )
