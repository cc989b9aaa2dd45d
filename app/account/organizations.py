"""The organizations that one belongs to: joined, made and left by oneself."""

from app.account.owner import Owner
from app.account.refused import Refused
from app.database import read, write
from app.directory import memberships, organizations
from app.directory.errors import BadValue, NotFound
from app.directory.memberships import MembershipView
from app.directory.permissions import Forbidden
from app.flow.screen import Text
from app.flow.steps.sign_up_form import is_fit_name


def list_of(owner: Owner) -> list[MembershipView]:
    """Where the owner belongs, by name."""
    with read(owner.tenant.id) as session:
        return memberships.of_user(session, owner.user_id)


def create(owner: Owner, name: str) -> str:
    """Make an organization whose first member is the owner; returns its id. Raises `Refused`, and
    `NotFound` where the tenant lets nobody."""
    if not owner.tenant.settings.organizations.creation_open:
        raise NotFound("organization")
    if not is_fit_name(name):
        raise Refused("invalid_name", Text("error.name_invalid"), "name")
    try:
        with write(owner.tenant.id) as session:
            return organizations.create(session, owner.actor, name=name, creator_id=owner.user_id)
    except BadValue:
        raise Refused("invalid_name", Text("error.name_invalid"), "name") from None


def join(owner: Owner, named: str) -> str:
    """Become a member of an organization that may be joined, named by its slug or id; harmless for
    a member. Returns its id. Raises `Refused`, with the same words for every other organization and
    for none, and `NotFound` where the tenant lets nobody join."""
    rules = owner.tenant.settings.organizations
    if not rules.joining_open:
        raise NotFound("organization")
    try:
        with write(owner.tenant.id) as session:
            found = organizations.by_slug_or_id(session, named.strip())
            organization_id = found.id if found else named
            role = rules.default_role
            organizations.join(session, owner.actor, organization_id, owner.user_id, [role])
            return organization_id
    except (Forbidden, NotFound):
        text = Text("error.organization_unknown")
        raise Refused("unknown_organization", text, "organization") from None


def leave(owner: Owner, organization_id: str) -> None:
    """End the membership. Raises `NotFound`."""
    with write(owner.tenant.id) as session:
        organizations.leave(session, owner.actor, organization_id, owner.user_id)
