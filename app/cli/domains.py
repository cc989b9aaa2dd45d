"""`authpage domain`: the mail domains of organizations, proven by DNS."""

from typing import Any

import click

from app.actor import CLI
from app.addresses import BadAddress, parse_domain
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import confirmed, for_tenant
from app.cli.organizations_named import organization_called
from app.cli.output import Listing, Record, prints, readable
from app.database import read, write
from app.directory import domain_claims
from app.directory.domain_claims import Claim
from app.directory.tenants import Tenant

_organization = click.argument("org", metavar="ORG")
_domain = click.argument("domain")
group = Group("domain", help="Mail domains of organizations, proven by DNS.")


@group.command("claim")
@_organization
@_domain
@click.option(
    "--subdomains/--no-subdomains", default=None, help="Whether addresses below it belong to it."
)
@prints
@for_tenant
def claim(tenant: Tenant, org: str, domain: str, subdomains: bool | None) -> Record:
    """Claim a domain for an organization, and see the TXT record that proves it.

    Claimed again it keeps its record; the subdomain switch is changed where it is given.
    """
    with write(tenant.id) as session:
        owner = organization_called(session, org)
        made = domain_claims.claim(session, CLI, owner.id, domain, has_subdomains=subdomains)
    title = "It is proven." if made.is_verified else "Publish this TXT record, then verify it."
    return Record(_members(made), title)


@group.command("verify")
@_organization
@_domain
@prints
@for_tenant
def verify(tenant: Tenant, org: str, domain: str) -> Record:
    """Look at the TXT record now. A domain is one organization's at a time."""
    found = _called(tenant, org, domain)
    return Record(_members(domain_claims.verify(tenant.id, CLI, found.id)), "It is proven.")


@group.command("list")
@click.option("--organization", metavar="ORG", help="Only those of this organization.")
@prints
@for_tenant
def list_(tenant: Tenant, organization: str | None) -> Listing:
    """List claims by domain, proven or not."""
    with read(tenant.id) as session:
        only = organization_called(session, organization).id if organization else None
        found = domain_claims.list_all(session, only)
    columns = ("domain", "organization", "has_subdomains", "verified_at", "failures", "record_name")
    return Listing([_members(each) for each in found], columns)


@group.command("remove")
@_organization
@_domain
@confirmed("Give up this domain? Its people are no longer led to the organization's connections.")
@prints
@for_tenant
def remove(tenant: Tenant, org: str, domain: str) -> Record:
    """Give up an organization's claim to a domain."""
    found = _called(tenant, org, domain)
    with write(tenant.id) as session:
        domain_claims.remove(session, CLI, found.id)
    return Record({"id": found.id, "domain": found.domain, "status": "removed"}, "Removed.")


def _called(tenant: Tenant, org: str, domain: str) -> Claim:
    try:
        canonical = parse_domain(domain)
    except BadAddress:
        canonical = ""
    with read(tenant.id) as session:
        owner = organization_called(session, org)
        claims = domain_claims.list_all(session, owner.id)
    for each in claims:
        if each.domain == canonical:
            return each
    raise CommandFailed("not_found", f"{owner.name} has not claimed {domain}.")


def _members(found: Claim) -> dict[str, Any]:
    moments = ("created_at", "verified_at", "check_at")
    return {
        "id": found.id,
        "domain": found.domain,
        "organization": found.organization_slug,
        "has_subdomains": found.has_subdomains,
        "record_type": "TXT",
        "record_name": found.record_name,
        "record_value": found.record_value,
        **{name: readable(name, getattr(found, name)) for name in moments},
        "failures": found.failures,
    }
