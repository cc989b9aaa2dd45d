"""`authpage user recovery`: let somebody in again who lost every second factor."""

import click

from app.account import support_recovery as use_case
from app.actor import CLI
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Record, members_of, prints
from app.cli.people_named import person_called
from app.database import read, write
from app.directory import support_recovery
from app.directory.tenants import Tenant

_named = click.argument("who", metavar="USER")
group = Group("recovery", help="Let somebody in again who lost every second factor.")


@group.command("start")
@_named
@click.option("--reason", required=True, help="Why, for the audit log.")
@prints
@for_tenant
def start(tenant: Tenant, who: str, reason: str) -> Record:
    """Tell the person on every channel, and after the tenant's delay send the link that lets them
    in. Any sign-in meanwhile voids it."""
    with read(tenant.id) as session:
        user_id = person_called(session, who).user_id
    waiting = use_case.start(tenant, CLI, user_id, reason)
    return Record(members_of(waiting), "Started; the person was told.")


@group.command("cancel")
@_named
@prints
@for_tenant
def cancel(tenant: Tenant, who: str) -> Record:
    """Call off a recovery that waits."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        if not support_recovery.void(session, CLI, user_id, "cancelled"):
            raise CommandFailed("not_found", f"No recovery waits for {who}.")
    return Record({"user_id": user_id}, "Called off.")


@group.command("list")
@prints
@for_tenant
def list_(tenant: Tenant) -> Listing:
    """List the recoveries that wait or may be used now, newest first."""
    with read(tenant.id) as session:
        found = support_recovery.list_open(session, tenant)
    columns = ("user_id", "started_by", "started_at", "opens_at", "expires_at", "reason")
    return Listing([members_of(each) for each in found], columns)
