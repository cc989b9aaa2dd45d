"""The mail domains of the organization: claimed, and proven by a TXT record."""

from app.account.refused import Refused
from app.database import read, write
from app.directory import domain_claims
from app.directory.domain_claims import Claim, NameServerAway, RecordMissing
from app.directory.errors import BadValue, Taken
from app.flow.screen import Text
from app.setup import access as behind
from app.setup.access import Access


def list_of(access: Access) -> list[Claim]:
    """The organization's claims, by domain."""
    with read(access.tenant.id) as session:
        return domain_claims.list_all(session, access.organization.id)


def claim(access: Access, domain: str, *, has_subdomains: bool = False) -> Claim:
    """Claim a domain, or the claim that stands. Raises `Refused`."""
    if not domain.strip():
        raise Refused("bad_domain", Text("setup.needed"), "domain")
    try:
        with write(access.tenant.id) as session:
            return domain_claims.claim(
                session,
                access.actor,
                access.organization.id,
                domain,
                has_subdomains=has_subdomains,
            )
    except BadValue:
        raise Refused("bad_domain", Text("setup.bad_domain"), "domain") from None


def check(access: Access, claim_id: str) -> Claim:
    """Look at the TXT record now. Raises `NotFound` and `Refused`."""
    found = behind.claim(access, claim_id)
    try:
        return domain_claims.verify(access.tenant.id, access.actor, found.id)
    except RecordMissing as missing:
        raise Refused("record_missing", Text("setup.no_record", {"name": missing.name})) from None
    except NameServerAway:
        raise Refused("dns_away", Text("setup.dns_away")) from None
    except Taken:
        raise Refused("domain_taken", Text("setup.domain_taken")) from None


def remove(access: Access, claim_id: str) -> None:
    """Give a claim up. Raises `NotFound`."""
    found = behind.claim(access, claim_id)
    with write(access.tenant.id) as session:
        domain_claims.remove(session, access.actor, found.id)
