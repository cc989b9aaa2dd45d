"""`authpage realm`: home-realm discovery, explained."""

from dataclasses import asdict

import click

from app.addresses import parse_email
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Record, prints
from app.database import read
from app.directory.tenants import Tenant
from app.flow.claimed import every_claim_to
from app.flow.realm import Realm, discover

group = Group("realm", help="Where an address signs in.")


@group.command("explain")
@click.argument("email")
@prints
@for_tenant
def explain(tenant: Tenant, email: str) -> Record:
    """Say where an address signs in, with every rule and which record decided.

    The answer is the same whether or not somebody has the address.
    """
    address = parse_email(email)
    with read(tenant.id) as session:
        realm = discover(address.domain, every_claim_to(session, address.domain))
    members = {
        "email": address.value,
        "domain": address.domain,
        "realm": realm.id,
        "reason": realm.reason,
        "because": realm.says,
        "record": realm.record,
        "organization": realm.organization_name,
        "required": realm.is_required,
        "break_glass": realm.has_break_glass,
        "connections": [each.connection_id for each in realm.candidates],
        "methods": [] if realm.is_required else list(tenant.settings.methods.sign_in),
    }
    rules = [asdict(rule) for rule in realm.rules]
    table = Listing(rules, ("rule", "record", "says", "decided"))
    return Record(members, _title(address.value, realm), {"rules": table})


def _title(address: str, realm: Realm) -> str:
    if realm.is_local:
        return f"{address} signs in here."
    names = " or ".join(each.name for each in realm.candidates)
    if realm.is_required:
        return f"{address} signs in at {names}."
    return f"{address} may sign in at {names}, or here."
