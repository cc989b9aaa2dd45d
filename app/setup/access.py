"""Who is behind a setup link, and what belongs to the one organization that they act for."""

from dataclasses import dataclass

from app.account.refused import Refused
from app.actor import Actor
from app.database import read, write
from app.directory import connections, domain_claims, organizations, setup_access
from app.directory.connections import Connection
from app.directory.domain_claims import Claim
from app.directory.errors import NotFound
from app.directory.organizations import Organization
from app.directory.setup_access import Door, Link, OpenSession
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.setup import progress
from app.setup.progress import Progress


@dataclass(frozen=True)
class Acting:
    """Somebody who connects providers."""

    tenant: Tenant
    actor: Actor
    organization: Organization | None
    """Whose they are; None for those of the whole tenant."""

    @property
    def organization_id(self) -> str | None:
        """The organization's id."""
        return self.organization.id if self.organization else None


@dataclass(frozen=True)
class Access(Acting):
    """Somebody who opened a link, for as long as it lasts: an admin of this organization's single
    sign-on alone."""

    organization: Organization
    session: OpenSession
    progress: Progress
    """As it was when the request came."""


@dataclass(frozen=True)
class Offer:
    """A link that was not opened yet, and for whom it is."""

    link: Link
    organization: Organization


def look(tenant: Tenant, token: str) -> Offer | None:
    """What a link is for; None when it is spent, too old or none at all. Changes nothing."""
    link = setup_access.find_link(tenant, token)
    found = _organization(tenant, link.organization_id) if link else None
    return Offer(link, found) if link and found else None


def enter(tenant: Tenant, who: Actor, token: str, door: Door) -> str:
    """Spend the link; returns what opens the session from now on. Raises `Refused`."""
    offer = look(tenant, token)
    if offer is None:
        raise gone()
    try:
        with write(tenant.id) as session:
            return setup_access.open_link(session, who, tenant, offer.link, door)
    except NotFound:
        raise gone() from None


def gone() -> Refused:
    """A link that opens nothing, whatever became of it."""
    return Refused("link_spent", Text("fault.setup_link.body"))


def of(tenant: Tenant, who: Actor, value: str, door: Door) -> Access | None:
    """Who comes with this value; None when it opens nothing now."""
    found = setup_access.find_session(tenant, value, door)
    organization = _organization(tenant, found.organization_id) if found else None
    if found is None or organization is None:
        return None
    actor = setup_access.admin(found.link_id, found.organization_id, who)
    return Access(tenant, actor, organization, found, progress.load(tenant, organization.id))


def leave(access: Access) -> None:
    """End the session."""
    with write(access.tenant.id) as session:
        setup_access.end_session(session, access.session)


def connection(access: Acting, connection_id: str) -> Connection:
    """A connection of the organization; raises `NotFound`, also for another one's."""
    with read(access.tenant.id) as session:
        found = connections.get(session, connection_id)
    if found is None or found.organization_id != access.organization_id:
        raise NotFound("connection")
    return found


def claim(access: Access, claim_id: str) -> Claim:
    """A claim of the organization to a domain; raises `NotFound`, also for another one's."""
    with read(access.tenant.id) as session:
        found = domain_claims.get(session, claim_id)
    if found is None or found.organization_id != access.organization.id:
        raise NotFound("domain")
    return found


def _organization(tenant: Tenant, organization_id: str) -> Organization | None:
    """The organization, while it is active."""
    with read(tenant.id) as session:
        found = organizations.get(session, organization_id)
    return found if found and found.status == "active" else None
