"""`authpage setup-link`: let a customer's IT admin connect their own provider."""

from typing import Any

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.moment import Duration
from app.cli.options import for_tenant
from app.cli.organizations_named import organization_called
from app.cli.output import Listing, Record, members_of, prints
from app.database import read, write
from app.directory import setup_access
from app.directory.setup_access import LINK_LIVES
from app.directory.tenants import Tenant

_COLUMNS = ("id", "organization_id", "state", "created_by", "expires_at")
group = Group("setup-link", help="Let a customer's IT admin connect their own provider.")


@group.command("create")
@click.option("--organization", required=True, metavar="ORG", help="Whose sign-in is set up.")
@click.option(
    "--expires-in",
    type=Duration(),
    default=f"{LINK_LIVES // 86_400}d",
    show_default=True,
    help="How long the link waits to be opened, 30d at most.",
)
@prints
@for_tenant
def create(tenant: Tenant, organization: str, expires_in: int) -> Record:
    """Make a link that opens once, for an IT admin without an account here.

    It is shown now and never again. Give it to nobody but that admin.
    """
    with write(tenant.id) as session:
        owner = organization_called(session, organization)
        made, token = setup_access.create_link(session, CLI, tenant, owner.id, expires_in)
    members: dict[str, Any] = members_of(made)
    return Record({**members, "link": f"{tenant.base_url}/setup?token={token}"}, "Created.")


@group.command("list")
@prints
@for_tenant
def list_(tenant: Tenant) -> Listing:
    """List the links that wait, and those that somebody works behind, newest first."""
    with read(tenant.id) as session:
        found = setup_access.list_links(session, tenant)
    return Listing([members_of(each) for each in found], _COLUMNS)


@group.command("revoke")
@click.argument("link_id", metavar="ID")
@prints
@for_tenant
def revoke(tenant: Tenant, link_id: str) -> Record:
    """Let nobody open a link any more, and end what was opened by it. What was set up stays."""
    with write(tenant.id) as session:
        found = setup_access.revoke_link(session, CLI, tenant, link_id)
    return Record({**members_of(found), "state": "revoked"}, "Revoked.")
