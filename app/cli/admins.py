"""`authpage admin`: people of the console, and what they administer."""

import click

from app.actor import CLI, SYSTEM
from app.addresses import parse_email
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import tenant_called
from app.cli.output import Listing, Record, members_of, prints
from app.database import EVERYWHERE, read, write
from app.directory import admins, console, first_admin, people
from app.directory.permissions import ROLES

group = Group("admin", help="Admins: who works in the console, and on what.")
_COLUMNS = ("id", "email", "role", "administered_id", "organization_id", "taken_up_at")


@group.command("create")
@click.argument("email")
@click.option("--name", help="The name that is shown.")
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True)
@click.option("--tenant", "slug", help="Slug of the only tenant; without it: every tenant.")
@prints
def create(email: str, name: str | None, role: str, slug: str | None) -> Record:
    """Make an admin: they sign in with a code that is mailed to them, and set up a passkey or an
    authenticator app."""
    here, about = console.prepare(), tenant_called(slug) if slug else None
    address = parse_email(email)
    with write(here.id) as session:
        if people.find_by_email(session, address.key) is None:
            people.create(session, SYSTEM, email=address, email_verified=True, display_name=name)
    with write(EVERYWHERE) as session:
        made = admins.grant(
            session, CLI, here, email, role, administered_id=about.id if about else None
        )
    title = f"{made.email} may sign in at {here.base_url}{console.HOME}"
    return Record(members_of(made), title)


@group.command("list")
@click.option("--tenant", "slug", default="default", show_default=True)
@prints
def list_(slug: str) -> Listing:
    """List who administers a tenant."""
    with read(EVERYWHERE) as session:
        found = admins.list_of(session, console.prepare(), tenant_called(slug).id)
    return Listing([members_of(each) for each in found], _COLUMNS, None)


@group.command("revoke")
@click.argument("role_id", metavar="ROLE")
@prints
def revoke(role_id: str) -> Record:
    """Take one role back, by its id."""
    here = console.prepare()
    with write(EVERYWHERE) as session:
        administered_id = admins.administered_by(session, here, role_id)
        gone = admins.revoke(session, CLI, here, role_id, administered_id=administered_id)
    return Record(members_of(gone), f"{gone.email} lost the role {gone.role}.")


@group.command("link")
@prints
def link() -> Record:
    """Make the one-time link for the first admin; only while there is none."""
    here = console.prepare()
    if not first_admin.is_wanted(here):
        raise CommandFailed(
            "admin_exists", "There is an admin already; they may add others, as may `admin create`."
        )
    with write(here.id) as session:
        token = first_admin.link(session, CLI, here)
    url = f"{here.base_url}{console.HOME}/first?token={token}"
    return Record({"url": url}, "The link is good for an hour, once.")
