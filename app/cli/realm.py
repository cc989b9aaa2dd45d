"""`authpage realm`: home-realm discovery, explained."""

import click

from app.addresses import parse_email
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Record, prints
from app.directory.tenants import Tenant
from app.flow.realm import discover, no_connections

group = Group("realm", help="Where an address signs in.")


@group.command("explain")
@click.argument("email")
@prints
@for_tenant
def explain(tenant: Tenant, email: str) -> Record:
    """Say where an address signs in, and why."""
    address = parse_email(email)
    realm = discover(address.domain, no_connections(tenant.id, address.domain))
    return Record(
        {
            "email": address.value,
            "domain": address.domain,
            "realm": realm.id,
            "reason": realm.reason,
            "methods": list(tenant.settings.methods.sign_in) if realm.is_local else [],
        },
        f"{address.value} signs in here." if realm.is_local else f"It signs in at {realm.id}.",
    )
