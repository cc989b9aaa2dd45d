"""How far an admin of one organization reaches: they run it, and raise nobody above themselves.

The role of its creator is the tenant's to give and to take, whichever way it is given: by hand, by
an invitation, or by the groups of a provider. Nor do they say how much a provider's word counts
outside the domains that the organization has proven, or that its second factor is as good as ours.
(SECURITY X04, A06)
"""

from collections.abc import Collection

from app.actor import Actor
from app.database import Session
from app.directory import settings_store
from app.directory.connection_settings import Common
from app.directory.permissions import Forbidden

_MODEST = ("never", "domain")
"""How an organization's own provider may prove addresses."""


def beyond(actor: Actor, session: Session) -> str | None:
    """The role that the actor neither gives nor takes; None where they may give every one."""
    if actor.organization_id is None:
        return None
    return settings_store.load(session).organizations.creator_role


def demand_roles(
    actor: Actor, session: Session, before: Collection[str], after: Collection[str]
) -> None:
    """Return when the actor may change the roles `before` into those `after`; else raises
    `Forbidden`."""
    if beyond(actor, session) in {*before} ^ {*after}:
        raise Forbidden(actor, "organization.change_roles")


def demand_settings(actor: Actor, session: Session, before: Common | None, after: Common) -> None:
    """Return when the actor may settle a connection like this; raises `Forbidden`. What somebody
    else has settled already may stay."""
    kept = beyond(actor, session)
    if kept is None:
        return
    given = _giving(after, kept) - (_giving(before, kept) if before else set())
    proof = {after.email_is_proof} - {*_MODEST, *([before.email_is_proof] if before else [])}
    trusts_more = after.trusts_mfa and not (before and before.trusts_mfa)
    if given or proof or trusts_more:
        raise Forbidden(actor, "connection.update")


def _giving(settings: Common, role: str) -> set[str]:
    """The ways in which a connection gives a role: groups, and the empty name for everybody."""
    groups = {group for group, given in settings.role_of_group.items() if given == role}
    return groups | ({""} if settings.default_role == role else set())
