"""`authpage client`: applications of a tenant."""

from collections.abc import Callable
from typing import Any

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import confirmed, for_tenant, pages
from app.cli.output import Listing, Record, members_of, prints
from app.database import read, write
from app.directory import client_secrets, clients
from app.directory.clients import ClientView
from app.directory.errors import NotFound
from app.directory.tenants import Tenant

Command = Callable[..., Any]

_LISTS = {
    "redirect_uris": ("--redirect-uri", "Where sign-in may return to; may be repeated."),
    "post_logout_redirect_uris": (
        "--post-logout-redirect-uri",
        "Where sign-out may return to; may be repeated.",
    ),
    "origins": ("--origin", "Web origin that may call us from a browser; may be repeated."),
    "scopes": ("--scope", "Scope that it may ask for; may be repeated."),
    "grant_types": ("--grant-type", "Grant type that it may use; may be repeated."),
}
_TEXTS = {
    "ui_url": "Where the application draws the sign-in pages itself.",
    "link_url": "Where its mailed links lead, when it redeems them itself.",
    "home_url": "The application's first page.",
    "logo_url": "Its logo.",
    "policy_url": "Its privacy policy.",
    "terms_url": "Its terms of service.",
}
_CHOICES = {
    "auth_method": ("client_secret_basic", "client_secret_post", "none"),
    "id_token_alg": ("RS256", "ES256", "EdDSA"),
    "access_token_format": ("jwt", "opaque"),
}
_named = click.argument("client_id", metavar="CLIENT_ID")
group = Group("client", help="Client applications.")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _registration(command: Command) -> Command:
    """The options that say what a client is registered with; absent ones are not passed on."""
    for name, values in reversed(_CHOICES.items()):
        command = click.option(_flag(name), type=click.Choice(values))(command)
    for name, text in reversed(_TEXTS.items()):
        command = click.option(_flag(name), metavar="URL", help=text)(command)
    for name, (flag, text) in reversed(_LISTS.items()):
        command = click.option(flag, name, multiple=True, help=text)(command)
    anonymous = "Whether it may make users who have not said who they are."
    command = click.option(
        "--anonymous/--no-anonymous", "allows_anonymous", default=None, help=anonymous
    )(command)
    pkce = "Whether it must use PKCE."
    return click.option("--pkce/--no-pkce", "requires_pkce", default=None, help=pkce)(command)


@group.command("create")
@click.option("--name", required=True)
@click.option("--public", is_flag=True, help="An app in the browser: it can keep no secret.")
@click.option("--native", is_flag=True, help="An app on a device: it can keep no secret.")
@click.option("--third-party", is_flag=True, help="People are asked for their consent.")
@_registration
@prints
@for_tenant
def create(
    tenant: Tenant, name: str, public: bool, native: bool, third_party: bool, **given: Any
) -> Record:
    """Register a client. A confidential client's secret is shown only now."""
    kind: clients.Kind = "native" if native else "spa" if public else "web"
    with write(tenant.id) as session:
        view, secret = clients.create(
            session, CLI, name=name, kind=kind, is_first_party=not third_party, **_said(given)
        )
    return _shown(tenant, view, f"Registered {view.name}.", client_secret=secret)


@group.command("list")
@pages
@prints
@for_tenant
def list_(tenant: Tenant, after: str | None, limit: int) -> Listing:
    """List clients, newest first."""
    with read(tenant.id) as session:
        page = clients.list_page(session, after, limit)
    columns = ("client_id", "name", "kind", "status", "redirect_uris")
    return Listing([_members(tenant, each) for each in page.items], columns, page.next_cursor)


@group.command("show")
@_named
@prints
@for_tenant
def show(tenant: Tenant, client_id: str) -> Record:
    """Show one client, without its secret."""
    return _shown(tenant, _found(tenant, client_id))


@group.command("update")
@_named
@click.option("--name")
@click.option("--third-party/--first-party", default=None, help="Whether consent is asked.")
@_registration
@prints
@for_tenant
def update(
    tenant: Tenant, client_id: str, name: str | None, third_party: bool | None, **given: Any
) -> Record:
    """Change what is given; a repeated option replaces its whole list."""
    changed = _said(given)
    if name is not None:
        changed["name"] = name
    if third_party is not None:
        changed["is_first_party"] = not third_party
    with write(tenant.id) as session:
        clients.update(session, CLI, client_id, **changed)
    return _shown(tenant, _found(tenant, client_id), "Changed.")


@group.command("rotate-secret")
@_named
@click.option("--overlap", default=0, metavar="SECONDS", help="How long the old one stays good.")
@prints
@for_tenant
def rotate_secret(tenant: Tenant, client_id: str, overlap: int) -> Record:
    """Give a client a new secret, shown only now."""
    with write(tenant.id) as session:
        secret = client_secrets.rotate(session, CLI, client_id, overlap)
    return _shown(tenant, _found(tenant, client_id), "A new secret.", client_secret=secret)


@group.command("disable")
@_named
@prints
@for_tenant
def disable(tenant: Tenant, client_id: str) -> Record:
    """Serve a client no more and revoke its tokens."""
    with write(tenant.id) as session:
        clients.disable(session, CLI, client_id)
    return _shown(tenant, _found(tenant, client_id), "Disabled.")


@group.command("enable")
@_named
@prints
@for_tenant
def enable(tenant: Tenant, client_id: str) -> Record:
    """Serve a disabled client again."""
    with write(tenant.id) as session:
        clients.enable(session, CLI, client_id)
    return _shown(tenant, _found(tenant, client_id), "Enabled.")


@group.command("remove")
@_named
@confirmed("Remove this client with its secrets, consents and tokens?")
@prints
@for_tenant
def remove(tenant: Tenant, client_id: str) -> Record:
    """Remove a client for good."""
    with write(tenant.id) as session:
        clients.remove(session, CLI, client_id)
    return Record({"client_id": client_id, "status": "removed"}, "Removed.")


def _said(given: dict[str, Any]) -> dict[str, Any]:
    """What the options say, as the directory takes it; an empty text removes a URL."""
    said: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, tuple):
            if value:
                said[name] = list(value)
        elif value is not None:
            said[name] = None if value == "" else value
    return said


def _found(tenant: Tenant, client_id: str) -> ClientView:
    with read(tenant.id) as session:
        view = clients.find(session, client_id)
    if view is None:
        raise NotFound("client")
    return view


def _members(tenant: Tenant, view: ClientView) -> dict[str, Any]:
    members = members_of(view, "id", "tenant_id", "secret_digests")
    return {"client_id": view.id, "issuer": tenant.issuer, **members}


def _shown(tenant: Tenant, view: ClientView, title: str = "", **more: str | None) -> Record:
    members = _members(tenant, view)
    head = {"client_id": members.pop("client_id"), **more}
    return Record({**head, **members, "tenant": tenant.slug}, title)
