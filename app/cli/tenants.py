"""`authpage tenant`: tenants, and below it `settings`, what a tenant decides."""

from typing import Literal

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import confirmed, pages, tenant_called
from app.cli.output import Listing, Record, members_of, prints
from app.cli.tenant_settings import group as settings_group
from app.database import EVERYWHERE, read, write
from app.directory import tenants
from app.directory.tenants import DEFAULT_SLUG

_named = click.argument("slug", metavar="TENANT", default=DEFAULT_SLUG)
group = Group("tenant", help="Tenants: TENANT is a slug.")
group.add_command(settings_group)


@group.command("create")
@click.option("--slug", required=True, help="In its URL; `default` is served at the root.")
@click.option("--name", required=True)
@click.option(
    "--kind",
    type=click.Choice(["live", "test"]),
    default="live",
    show_default=True,
    help="A test tenant may fix or echo one-time codes; it can never become a live one.",
)
@click.option("--host", help="A host of its own, instead of a path on ours.")
@prints
def create(slug: str, name: str, kind: Literal["live", "test"], host: str | None) -> Record:
    """Make a tenant with its roles and its first signing key."""
    from app.keys import rotation  # noqa: PLC0415 (JOSE is slow to import)

    with write(EVERYWHERE) as session:
        tenant_id = tenants.create(session, CLI, slug, name, kind, host)
    with write(tenant_id) as session:
        rotation.create_first(session, actor=CLI)
    return _shown(slug, f"Created {name}.")


@group.command("list")
@pages
@prints
def list_(after: str | None, limit: int) -> Listing:
    """List tenants, newest first."""
    with read(EVERYWHERE) as session:
        page = tenants.list_page(session, after, limit)
    columns = ("slug", "name", "kind", "status", "issuer", "created_at")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("show")
@_named
@prints
def show(slug: str) -> Record:
    """Show one tenant."""
    return _shown(slug)


@group.command("update")
@_named
@click.option("--name", required=True)
@prints
def update(slug: str, name: str) -> Record:
    """Rename a tenant."""
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant_called(slug).id, name=name)
    return _shown(slug, "Renamed.")


@group.command("disable")
@_named
@confirmed("Serve nobody of this tenant any more?")
@prints
def disable(slug: str) -> Record:
    """Serve a tenant no more; its data stays."""
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant_called(slug).id, status="disabled")
    return _shown(slug, "Disabled.")


@group.command("enable")
@_named
@prints
def enable(slug: str) -> Record:
    """Serve a disabled tenant again."""
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant_called(slug).id, status="active")
    return _shown(slug, "Enabled.")


@group.command("add-host")
@_named
@click.argument("host")
@prints
def add_host(slug: str, host: str) -> Record:
    """Let a tenant answer on one more host; its issuer stays."""
    with write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant_called(slug).id, host)
    return _shown(slug, f"{slug} answers on {host} too.")


@group.command("write-down")
@_named
def write_down(slug: str) -> None:
    """Print a tenant as the file that `authpage apply` takes: settings, roles and clients."""
    from app.directory import reconciling, tenant_file  # noqa: PLC0415 (only this command needs YAML)

    with read(tenant_called(slug).id) as session:
        click.echo(tenant_file.write(reconciling.written_down(session, slug)), nl=False)


@group.command("end-everything")
@_named
@click.option("--all-tenants", is_flag=True, help="After a restore or an incident.")
@confirmed("End every session, flow, code and token at once?")
@prints
def end_everything(slug: str, all_tenants: bool) -> Record:
    """End every session, flow, code and token of a tenant, or of all of them, at once."""
    tenant_id = None if all_tenants else tenant_called(slug).id
    with write(EVERYWHERE) as session:
        tenants.end_everything(session, CLI, tenant_id)
    return Record({"tenant": None if all_tenants else slug}, "Everything is ended.")


def _shown(slug: str, title: str = "") -> Record:
    tenant = tenant_called(slug)
    with read(EVERYWHERE) as session:
        hosts = tenants.hosts_of(session, tenant.id)
    return Record({**members_of(tenant, "settings"), "hosts": hosts}, title)
