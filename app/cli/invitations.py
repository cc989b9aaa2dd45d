"""`authpage invitation`: places in organizations that wait for the owner of an address."""

from typing import Any

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import for_tenant, pages
from app.cli.organizations_named import organization_called
from app.cli.output import Listing, Record, members_of, prints
from app.database import read, write
from app.directory import invitations
from app.directory.errors import NotFound
from app.directory.invitations import LIVES, Invitation
from app.directory.tenants import Tenant

_DAY = 86_400
group = Group("invitation", help="Invitations to organizations, by mail.")


@group.command("create")
@click.option("--org", required=True, metavar="ORG", help="Id or slug of the organization.")
@click.option("--email", required=True, help="Only the owner of this address can accept.")
@click.option("--role", "role_keys", multiple=True, help="Role; may be repeated.")
@click.option("--client", "client_id", help="Id of the application to go on to; needs a home_url.")
@click.option("--locale", help="Language of the mail, such as en or de.")
@click.option("--days", type=click.IntRange(1, 90), default=LIVES // _DAY, show_default=True)
@prints
@for_tenant
def create(
    tenant: Tenant,
    org: str,
    email: str,
    role_keys: tuple[str, ...],
    client_id: str | None,
    locale: str | None,
    days: int,
) -> Record:
    """Invite somebody, or again: the newest mail takes the place of those before it."""
    with write(tenant.id) as session:
        found = organization_called(session, org)
        made = invitations.invite(
            session,
            CLI,
            tenant,
            found.id,
            email,
            roles=role_keys,
            client_id=client_id,
            locale=locale,
            lives=days * _DAY,
        )
    return Record(_shown(made), "Invited; the mail is on its way.")


@group.command("list")
@click.option("--org", metavar="ORG", help="Only those to this organization.")
@pages
@prints
@for_tenant
def list_(tenant: Tenant, org: str | None, after: str | None, limit: int) -> Listing:
    """List invitations in every state, newest first."""
    with read(tenant.id) as session:
        only = organization_called(session, org).id if org else None
        page = invitations.list_page(session, tenant, only, after, limit)
    columns = ("id", "email", "organization", "roles", "state", "expires_at")
    return Listing([_shown(each) for each in page.items], columns, page.next_cursor)


@group.command("revoke")
@click.argument("invitation_id", metavar="ID")
@prints
@for_tenant
def revoke(tenant: Tenant, invitation_id: str) -> Record:
    """Take back an invitation that nobody has answered."""
    with write(tenant.id) as session:
        invitations.revoke(session, CLI, invitation_id)
        found = invitations.get(session, tenant, invitation_id)
    if found is None:
        raise NotFound("invitation")
    return Record(_shown(found), "Taken back.")


def _shown(invitation: Invitation) -> dict[str, Any]:
    members = members_of(invitation)
    return {name: value for name, value in members.items() if name != "email_key"}
