"""`authpage session`: who is signed in where, and the end of it."""

import click

from app.actor import CLI
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import confirmed, for_tenant
from app.cli.output import Listing, Record, members_of, prints
from app.cli.people_named import person_called
from app.database import EVERYWHERE, read, write
from app.directory import sessions, tenants
from app.directory.tenants import Tenant

_BECAUSE = "ended_by_cli"
group = Group("session", help="Who is signed in where.")


@group.command("list")
@click.option("--user", "who", required=True, metavar="USER", help="Id or email address.")
@prints
@for_tenant
def list_(tenant: Tenant, who: str) -> Listing:
    """List the live sessions of a user, last seen first."""
    with read(tenant.id) as session:
        found = sessions.list_of_user(session, person_called(session, who).user_id)
    columns = ("id", "software", "system", "address", "amr", "auth_time", "last_seen_at")
    return Listing([members_of(each) for each in found], columns)


@group.command("end")
@click.argument("session_id")
@prints
@for_tenant
def end(tenant: Tenant, session_id: str) -> Record:
    """End one session and revoke the tokens that came from it."""
    with write(tenant.id) as session:
        ended = sessions.end(session, CLI, session_id, _BECAUSE)
    title = "The session is ended." if ended else "The session had ended before."
    return Record({"id": session_id, "changed": ended}, title)


@group.command("end-all")
@click.option("--user", "who", metavar="USER", help="Id or email address.")
@click.option("--everyone", is_flag=True, help="Everything short-lived of the whole tenant.")
@confirmed("End these sessions and revoke their tokens?")
@prints
@for_tenant
def end_all(tenant: Tenant, who: str | None, everyone: bool) -> Record:
    """End every session of a user, or of everyone, with the tokens."""
    if bool(who) == everyone:
        raise CommandFailed("usage", "Say either --user USER or --everyone.")
    if who is None:
        with write(EVERYWHERE) as session:
            tenants.end_everything(session, CLI, tenant.id)
        return Record({"tenant": tenant.slug, "ended": "everything"}, "Everything is ended.")
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        count = sessions.end_all_of_user(session, CLI, user_id, _BECAUSE)
    return Record({"user_id": user_id, "ended": count}, f"Ended {count}.")
