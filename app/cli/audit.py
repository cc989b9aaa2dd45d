"""`authpage audit`: what happened, and who did it."""

from typing import Any

import click

from app.audit.events import REGISTRY
from app.audit.log import Entry, list_page
from app.cli import audit_chain
from app.cli.groups import Group
from app.cli.moment import Moment
from app.cli.options import for_tenant, pages
from app.cli.output import Listing, Record, members_of, prints
from app.cli.people_named import person_called
from app.database import read
from app.directory.errors import NotFound
from app.directory.tenants import Tenant

_NEXT = "~"
"""Sorts behind every character of an id: the page after an id with it begins with that id."""
group = Group("audit", help="What happened, and who did it.")
for _command in audit_chain.COMMANDS:
    group.add_command(_command)


@group.command("list")
@click.option("--event", help="Only this event; see `authpage audit events`.")
@click.option("--user", "who", metavar="USER", help="Only what concerns this user.")
@click.option("--since", type=Moment(), help="Since a time, or for as long: 30m, 12h, 7d.")
@pages
@prints
@for_tenant
def list_(
    tenant: Tenant,
    event: str | None,
    who: str | None,
    since: int | None,
    after: str | None,
    limit: int,
) -> Listing:
    """List events, newest first."""
    with read(tenant.id) as session:
        # An id is taken as it is, since erased people have a history too.
        subject_id = person_called(session, who).user_id if who and "@" in who else who
        page = list_page(
            session, after=after, limit=limit, event=event, subject_id=subject_id, since=since
        )
    columns = ("at", "event", "actor", "subject_id", "targets", "data")
    return Listing([_members(each) for each in page.items], columns, page.next_cursor)


@group.command("show")
@click.argument("event_id")
@prints
@for_tenant
def show(tenant: Tenant, event_id: str) -> Record:
    """Show one event with everything known about it."""
    with read(tenant.id) as session:
        found = list_page(session, after=event_id + _NEXT, limit=1).items
    if not found or found[0].id != event_id:
        raise NotFound("event")
    return Record(_members(found[0]))


@group.command("events", with_appcontext=False)
@prints
def events() -> Listing:
    """List the events that there are."""
    items = [members_of(each) for each in REGISTRY.values()]
    return Listing(items, ("id", "family", "description"))


def _members(entry: Entry) -> dict[str, Any]:
    actor = f"{entry.actor_kind}:{entry.actor_id}" if entry.actor_id else entry.actor_kind
    return {**members_of(entry), "actor": actor}
