"""The mail domains, and who must come by the provider."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from app.api.setup.door import Body, operation
from app.api.setup.shapes import DomainShown
from app.directory.domain_claims import Claim
from app.setup import domains, enforcing
from app.setup.access import Access


class DomainClaimed(Body):
    """A domain of mail addresses."""

    domain: Annotated[str, StringConstraints(max_length=300)]
    has_subdomains: bool = False


class Policy(BaseModel):
    """Who must sign in by the provider."""

    sso: str


class PolicyChosen(Body):
    """Who must sign in by the provider: nobody by the domain alone, whoever likes, all members,
    everybody in a proven domain."""

    sso: Literal["off", "optional", "members", "domain"]


def domain_shown(claim: Claim) -> DomainShown:
    """A claim as JSON."""
    return DomainShown(
        id=claim.id,
        domain=claim.domain,
        has_subdomains=claim.has_subdomains,
        is_proven=claim.is_verified,
        record_name=claim.record_name,
        record_value=claim.record_value,
    )


@operation(
    "POST",
    "/domains",
    "Claim a domain",
    takes=DomainClaimed,
    answers=DomainShown,
    status=201,
    codes=("bad_domain",),
)
def claim_domain(found: Access, body: DomainClaimed) -> DomainShown:
    """Asked again, the claim that stands."""
    return domain_shown(domains.claim(found, body.domain, has_subdomains=body.has_subdomains))


@operation(
    "POST",
    "/domains/{domain_id}/check",
    "Look at the TXT record now",
    answers=DomainShown,
    codes=("record_missing", "dns_away", "domain_taken"),
)
def check_domain(found: Access, domain_id: str) -> DomainShown:
    """Proven where it is there."""
    return domain_shown(domains.check(found, domain_id))


@operation("DELETE", "/domains/{domain_id}", "Give a domain up")
def remove_domain(found: Access, domain_id: str) -> None:
    """Its people are no longer led to the provider."""
    domains.remove(found, domain_id)


@operation(
    "PUT",
    "/policy",
    "Choose who must sign in by the provider",
    takes=PolicyChosen,
    answers=Policy,
    codes=("no_connection",),
)
def set_policy(found: Access, body: PolicyChosen) -> Policy:
    """Counts from the next sign-in on."""
    enforcing.set_mode(found, body.sso)
    return Policy(sso=enforcing.policy(found).sso)
