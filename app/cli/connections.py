"""`authpage connection`: the identity providers that people of a tenant may sign in by."""

from typing import Any, TextIO

import click

from app.actor import CLI
from app.cli.connection_making import group
from app.cli.connection_shown import COLUMNS, brief, shown
from app.cli.connection_values import bad_values_named, document_in, merged, secret_in
from app.cli.options import confirmed, for_tenant
from app.cli.organizations_named import organization_called
from app.cli.output import Listing, Record, members_of, prints
from app.database import Session, read, write
from app.directory import connections, upstream_reports
from app.directory.connection_settings import OAuthSettings, OidcSettings, SamlSettings
from app.directory.connections import Connection
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.directory.upstream_reports import Report
from app.federation.diagnosis import DIAGNOSES
from app.text import translate

__all__ = ["group"]
_named = click.argument("connection_id", metavar="CONNECTION")


@group.command("list")
@click.option("--organization", metavar="ORG", help="Only those of this organization.")
@prints
@for_tenant
def list_(tenant: Tenant, organization: str | None) -> Listing:
    """List connections, oldest first."""
    with read(tenant.id) as session:
        only = organization_called(session, organization).id if organization else None
        found = connections.list_all(session, only)
    return Listing([brief(each) for each in found], COLUMNS)


@group.command("show")
@_named
@prints
@for_tenant
def show(tenant: Tenant, connection_id: str) -> Record:
    """Show one connection: what its provider must know of us, and its settings; no secret."""
    return shown(tenant, connection_id)


@group.command("update")
@_named
@click.option("--name", help="What people see on the button.")
@click.option(
    "--settings",
    "more",
    type=click.File("r"),
    help="JSON object of what changes; - reads standard input.",
)
@prints
@for_tenant
def update(tenant: Tenant, connection_id: str, name: str | None, more: TextIO | None) -> Record:
    """Change what is given. With a new issuer everybody whom the old one knew is forgotten."""
    document = document_in(more) if more else None
    with write(tenant.id) as session, bad_values_named():
        settings = _changed(session, connection_id, document)
        connections.update(session, CLI, connection_id, name=name, settings=settings)
    return shown(tenant, connection_id, "Changed.")


@group.command("set-secret")
@_named
@click.option("--secret-file", type=click.File("r"), default="-", help="Else standard input.")
@click.option("--key-id", help="Of a new private key, as the provider knows it.")
@prints
@for_tenant
def set_secret(
    tenant: Tenant, connection_id: str, secret_file: TextIO, key_id: str | None
) -> Record:
    """Keep a new client secret or private key: from a file, standard input, or asked for.

    It is sealed and never shown again. A key and its id change at once.
    """
    secret = secret_in(secret_file)
    with write(tenant.id) as session, bad_values_named():
        document = {"key_id": key_id} if key_id else None
        settings = _changed(session, connection_id, document)
        connections.update(session, CLI, connection_id, secret=secret, settings=settings)
    return shown(tenant, connection_id, "The secret is stored.")


@group.command("activate")
@_named
@prints
@for_tenant
def activate(tenant: Tenant, connection_id: str) -> Record:
    """Let people sign in by a connection."""
    return _with_status(tenant, connection_id, "active", "People may sign in by it now.")


@group.command("disable")
@_named
@prints
@for_tenant
def disable(tenant: Tenant, connection_id: str) -> Record:
    """Let nobody sign in by a connection; whom it knows is kept."""
    return _with_status(tenant, connection_id, "disabled", "Nobody can sign in by it now.")


@group.command("remove")
@_named
@confirmed("Remove this connection, with everybody's ties to it?")
@prints
@for_tenant
def remove(tenant: Tenant, connection_id: str) -> Record:
    """Remove a connection for good; the people whom it brought stay users."""
    with write(tenant.id) as session:
        connections.remove(session, CLI, connection_id)
    return Record({"id": connection_id, "status": "removed"}, "Removed.")


@group.command("reports")
@_named
@prints
@for_tenant
def reports(tenant: Tenant, connection_id: str) -> Listing:
    """List what arrived in sign-ins that failed, newest first, with the check that refused it and
    what to do about it at that provider.

    Secrets are masked.
    """
    with read(tenant.id) as session:
        connection = connections.get(session, connection_id)
        if connection is None:
            raise NotFound("connection")
        found = upstream_reports.latest(session, connection_id)
    columns = ("created_at", "diagnosis", "check", "fix", "is_test", "arrived")
    told = [{**members_of(each, "connection_id"), **_meaning(connection, each)} for each in found]
    return Listing(told, columns)


def _meaning(connection: Connection, report: Report) -> dict[str, str]:
    """The check and the fix in English; both empty for a test that went well."""
    known = DIAGNOSES.get(report.diagnosis)
    check, fix = (known.check, known.fix_for(connection.provider)) if known else ("", "")
    return {"check": check and translate("en", check), "fix": fix and translate("en", fix)}


def _changed(
    session: Session, connection_id: str, document: dict[str, Any] | None
) -> OidcSettings | OAuthSettings | SamlSettings | None:
    found = connections.get(session, connection_id)
    if found is None:
        raise NotFound("connection")
    return merged(found.settings, document) if document else None


def _with_status(tenant: Tenant, connection_id: str, status: str, title: str) -> Record:
    with write(tenant.id) as session:
        connections.set_status(session, CLI, connection_id, status)
    return shown(tenant, connection_id, title)
