"""The records that home-realm discovery decides by: claims to a domain, and what serves them."""

from collections.abc import Sequence

from app.database import Session, read
from app.directory import connections, domain_claims
from app.directory.connections import Connection
from app.directory.domain_claims import Claim
from app.flow.realm import Candidate, DomainClaim


def claims_to(tenant_id: str, domain: str) -> Sequence[DomainClaim]:
    """The claims that cover `domain`, with the connections that people may sign in by now: a
    `realm.Connections`. Opens its own transaction, but none for a tenant whose organizations have
    no such connection."""
    usable = [each for each in connections.usable(tenant_id) if not each.is_social]
    if not usable:
        return ()
    with read(tenant_id) as session:
        found = domain_claims.of_domain(session, domain)
    return [_as_data(claim, usable) for claim in found]


def every_claim_to(session: Session, domain: str) -> Sequence[DomainClaim]:
    """The same with every connection, whatever its status, for whoever asks for the reasons."""
    return [
        _as_data(claim, connections.list_all(session, claim.organization_id))
        for claim in domain_claims.of_domain(session, domain)
    ]


def _as_data(claim: Claim, among: Sequence[Connection]) -> DomainClaim:
    return DomainClaim(
        id=claim.id,
        domain=claim.domain,
        organization_id=claim.organization_id,
        organization_name=claim.organization_name,
        connections=tuple(
            Candidate(each.id, each.name, each.is_usable, each.settings.creates_users)
            for each in among
            if each.organization_id == claim.organization_id
        ),
        sso=claim.policy.sso,
        has_subdomains=claim.has_subdomains,
        is_verified=claim.is_verified,
        is_active=claim.organization_is_active,
        has_break_glass=bool(claim.policy.break_glass),
    )
