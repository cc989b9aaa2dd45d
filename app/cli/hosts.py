"""`authpage host`: hosts of a tenant's own, proven by DNS."""

from typing import Any

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import confirmed, for_tenant
from app.cli.output import Listing, Record, prints, readable
from app.database import read, write
from app.directory import hosts
from app.directory.hosts import Host
from app.directory.tenants import Tenant

_host = click.argument("host")
group = Group("host", help="Hosts of a tenant's own, proven by DNS.")


@group.command("claim")
@_host
@prints
@for_tenant
def claim(tenant: Tenant, host: str) -> Record:
    """Add a host, and see the two DNS records that prove it."""
    with write(tenant.id) as session:
        made = hosts.claim(session, CLI, host)
    title = "It is served." if made.state == "active" else "Publish both records, then verify it."
    return Record(_members(made), title)


@group.command("verify")
@_host
@prints
@for_tenant
def verify(tenant: Tenant, host: str) -> Record:
    """Look at both records now, and serve the host where they are right."""
    return Record(_members(hosts.verify(tenant.id, CLI, host)), "It is served.")


@group.command("list")
@prints
@for_tenant
def list_(tenant: Tenant) -> Listing:
    """List the tenant's hosts, served or not."""
    with read(tenant.id) as session:
        found = hosts.list_all(session)
    columns = ("host", "state", "verified_at", "check_at", "failures", "owner_record")
    return Listing([_members(each) for each in found], columns)


@group.command("remove")
@_host
@confirmed("Serve nobody on this host any more, and let others prove it?")
@prints
@for_tenant
def remove(tenant: Tenant, host: str) -> Record:
    """Take a host off a tenant, also one that `tenant add-host` added."""
    with write(tenant.id) as session:
        hosts.remove(session, CLI, host)
    return Record({"host": host, "status": "removed"}, "Removed.")


def _members(found: Host) -> dict[str, Any]:
    name, value = found.owner_record
    moments = ("created_at", "verified_at", "check_at")
    return {
        "host": found.host,
        "state": found.state,
        "is_issuer": found.is_issuer,
        "points_to": list(hosts.target()),
        "owner_record": name if found.token else None,
        "owner_value": value if found.token else None,
        **{each: readable(each, getattr(found, each)) for each in moments},
        "failures": found.failures,
    }
