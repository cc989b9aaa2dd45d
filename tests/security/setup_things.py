"""What an IT admin of a tenant's organization holds behind setup links."""

from dataclasses import dataclass

from app.actor import CLI
from app.database import Session, write
from app.directory import domain_claims, setup_access
from app.directory.setup_access import Door
from app.directory.tenants import Tenant
from app.setup import access


@dataclass(frozen=True)
class SetupThings:
    """What an IT admin holds, and what they began."""

    setup_link: str
    setup_cookie: str
    setup_token: str
    place_id: str
    claim_id: str


def setup_things(tenant: Tenant, organization_id: str) -> SetupThings:
    """A link that waits, one that was opened at each door, a place and a claim."""
    with write(tenant.id) as session:
        place = setup_access.keep_id(session, CLI, tenant, organization_id, "okta_saml")
        claim = domain_claims.claim(session, CLI, organization_id, "setup.example")
        link = _link(tenant, organization_id, session)
    return SetupThings(
        setup_link=link,
        setup_cookie=_opened(tenant, organization_id, "pages"),
        setup_token=_opened(tenant, organization_id, "api"),
        place_id=place,
        claim_id=claim.id,
    )


def _link(tenant: Tenant, organization_id: str, session: Session) -> str:
    return setup_access.create_link(session, CLI, tenant, organization_id)[1]


def _opened(tenant: Tenant, organization_id: str, door: Door) -> str:
    with write(tenant.id) as session:
        token = _link(tenant, organization_id, session)
    return access.enter(tenant, CLI, token, door)
