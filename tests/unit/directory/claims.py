"""Claims to domains, as tests make and look at them."""

from typing import Any

from app.actor import CLI
from app.audit.log import list_page
from app.database import read, write
from app.directory import domain_claims, organizations
from app.directory.domain_claims import Claim
from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer


def founded(tenant: Tenant, name: str = "Northwind") -> str:
    with write(tenant.id) as session:
        return organizations.create(session, CLI, name=name)


def claimed(tenant: Tenant, organization: str, domain: str = "corp.example", **more: Any) -> Claim:
    with write(tenant.id) as session:
        return domain_claims.claim(session, CLI, organization, domain, **more)


def published(dns: DnsServer, claim: Claim) -> None:
    dns.texts.setdefault(claim.record_name, []).append(claim.record_value)


def proven(tenant: Tenant, dns: DnsServer, organization: str, domain: str, **more: Any) -> Claim:
    claim = claimed(tenant, organization, domain, **more)
    published(dns, claim)
    return domain_claims.verify(tenant.id, CLI, claim.id)


def again(claim: Claim) -> Claim:
    with read(claim.tenant_id) as session:
        found = domain_claims.get(session, claim.id)
    assert found is not None
    return found


def owner(tenant: Tenant, domain: str) -> str | None:
    with read(tenant.id) as session:
        found = domain_claims.owner_of(session, domain)
    return found.domain if found else None


def events(tenant: Tenant) -> list[str]:
    with read(tenant.id) as session:
        items = list_page(session, limit=100).items
    return [each.event for each in items if each.event.startswith("domain.")][::-1]
