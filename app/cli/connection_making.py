"""`authpage connection create-*`: a connection from what its provider told, by preset."""

from typing import Any, BinaryIO, TextIO

import click

from app.actor import CLI
from app.cli.connection_shown import shown
from app.cli.connection_values import (
    Settings,
    bad_values_named,
    document_in,
    merged,
    pairs_in,
    preset_values,
)
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import Command, for_tenant
from app.cli.organizations_named import organization_called
from app.cli.output import Record, prints
from app.database import write
from app.directory import connections
from app.directory.tenants import Tenant
from app.federation import providers
from app.federation.providers import PRESETS
from app.federation.providers.saml import SAML_PRESETS

SOCIAL = tuple(key for key, preset in PRESETS.items() if preset.is_social)
ENTERPRISE = tuple(key for key, preset in PRESETS.items() if not preset.is_social)
SAML = tuple(SAML_PRESETS)
_SAML_KEYS = ("issuer", "sso_url", "sso_binding", "slo_url", "slo_binding", "name_id_format")
_values = click.argument("values", nargs=-1, metavar="KEY=VALUE...")
_organization = click.argument("org", metavar="ORG")
group = Group("connection", help="Identity providers that people sign in by.")


def _making(command: Command) -> Command:
    """The options of every new connection."""
    text = "JSON object of further settings; - reads standard input."
    command = click.option("--settings", "more", type=click.File("r"), help=text)(command)
    active = "Let people sign in by it at once; else it is a draft."
    command = click.option("--active", is_flag=True, help=active)(command)
    return click.option("--name", help="What people see on the button.")(command)


def _with_secret(command: Command) -> Command:
    text = "File with the client secret or private key; - reads standard input."
    return click.option("--secret-file", type=click.File("r"), help=text)(command)


@group.command("create-social")
@click.argument("provider")
@_values
@_with_secret
@_making
@prints
@for_tenant
def create_social(
    tenant: Tenant,
    provider: str,
    values: tuple[str, ...],
    secret_file: TextIO | None,
    **options: Any,
) -> Record:
    """Connect a provider for everybody: google, apple, microsoft, github and others.

    Which KEYs there are depends on the provider; `client_id=...` is always one of them.
    """
    with bad_values_named():
        preset = providers.find(provider)
    if not preset.is_social:
        raise CommandFailed("bad_value", f"{preset.name} is one organization's: use create-oidc.")
    return _from_preset(tenant, provider, None, values, secret_file, options)


@group.command("create-oidc")
@_organization
@_values
@click.option("--provider", type=click.Choice(ENTERPRISE), default="generic", show_default=True)
@_with_secret
@_making
@prints
@for_tenant
def create_oidc(
    tenant: Tenant,
    org: str,
    values: tuple[str, ...],
    provider: str,
    secret_file: TextIO | None,
    **options: Any,
) -> Record:
    """Connect an organization's OpenID provider: issuer=URL client_id=ID, or what its preset asks.

    Its endpoints are discovered unless they are given.
    """
    return _from_preset(tenant, provider, org, values, secret_file, options)


@group.command("create-saml")
@_organization
@_values
@click.option(
    "--provider",
    type=click.Choice(SAML),
    default="generic_saml",
    show_default=True,
    help="Which provider it is: it decides under which names people are told of.",
)
@click.option("--metadata", type=click.File("rb"), help="The provider's metadata; - reads stdin.")
@click.option("--metadata-url", metavar="URL", help="Where it lies; looked at again by itself.")
@click.option(
    "--certificate",
    "certificates",
    type=click.File("r"),
    multiple=True,
    help="PEM of what it signs with; may be repeated.",
)
@_making
@prints
@for_tenant
def create_saml(
    tenant: Tenant,
    org: str,
    values: tuple[str, ...],
    provider: str,
    metadata: BinaryIO | None,
    metadata_url: str | None,
    certificates: tuple[TextIO, ...],
    **options: Any,
) -> Record:
    """Connect an organization's SAML provider, by its metadata or by issuer=ID sso_url=URL and
    certificates."""
    from app.cli import saml_values  # noqa: PLC0415 (loads libxml2, which few commands need)

    document = saml_values.settings(
        SAML_PRESETS[provider],
        metadata.read() if metadata else None,
        metadata_url,
        [each.read() for each in certificates],
        pairs_in(values, _SAML_KEYS),
    )
    with bad_values_named():
        settings = connections.parse_settings(document)
    return _made(tenant, provider, org, settings, None, options)


def _from_preset(
    tenant: Tenant,
    provider: str,
    org: str | None,
    pairs: tuple[str, ...],
    secret_file: TextIO | None,
    options: dict[str, Any],
) -> Record:
    preset = providers.find(provider)
    values = preset_values(preset, pairs, secret_file)
    with bad_values_named():
        settings = preset.settings(values)
    options["name"] = options["name"] or preset.name
    return _made(tenant, provider, org, settings, preset.secret(values), options)


def _made(
    tenant: Tenant,
    provider: str,
    org: str | None,
    settings: Settings,
    secret: str | None,
    options: dict[str, Any],
) -> Record:
    further = document_in(options["more"]) if options["more"] else {}
    with write(tenant.id) as session, bad_values_named():
        owner = organization_called(session, org) if org else None
        made = connections.create(
            session,
            CLI,
            provider=provider,
            name=options["name"] or (owner.name if owner else provider),
            settings=merged(settings, further),
            organization_id=owner.id if owner else None,
            secret=secret,
            status="active" if options["active"] else "draft",
        )
    return shown(tenant, made, "Created.")
