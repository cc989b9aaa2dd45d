"""The providers by which alone a member may act for an organization, where it asks for that."""

from collections.abc import Mapping, Sequence

from app.database import Session
from app.directory import connections
from app.directory.memberships import MembershipView


def providers_of(
    session: Session, places: Sequence[MembershipView]
) -> Mapping[str, frozenset[str]]:
    """By organization, the providers that it asks the member to sign in by, as sessions name their
    methods; nothing for those that ask for none, and no statement where none of them does."""
    demanding = {each.organization_id: _demanding(each) for each in places if _demanding(each)}
    found = connections.list_all(session) if demanding else []
    return {
        place: frozenset(
            f"enterprise:{each.id}"
            for each in found
            if each.is_usable and each.organization_id in {place, *above}
        )
        for place, above in demanding.items()
    }


def _demanding(place: MembershipView) -> set[str]:
    above = {each.organization_id for each in place.inherited if each.sso_required}
    return above | ({place.organization_id} if place.sso_required else set())
