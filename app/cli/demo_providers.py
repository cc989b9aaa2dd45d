"""Providers of the demo that need no internet: two further tenants of this very AuthPage, one as a
company's own sign-in and one as an account that anybody may have. Development only.

The server fetches their documents and tokens from itself, which its guard against requests to this
machine allows for its own address alone (`own_address`).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.actor import CLI
from app.config import Settings
from app.database import Session, read, write
from app.directory import (
    clients,
    connections,
    domain_claims,
    organizations,
    organizations_policy,
)
from app.directory.clients import ClientView
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import providers
from app.ids import new_id


@dataclass(frozen=True)
class Company:
    """An organization whose people sign in at its own provider."""

    name: str
    slug: str
    domain: str


@dataclass(frozen=True)
class DemoProvider:
    """A tenant that plays a provider, and the connection to it."""

    slug: str
    name: str
    preset: str
    email: str
    """Of the one person who has an account there."""
    person: str
    accent: str
    company: Company | None = None


PROVIDERS = (
    DemoProvider(
        slug="tailspin",
        name="Tailspin Toys",
        preset="generic",
        email="kim@tailspin.example",
        person="Kim Poe",
        accent="#0e7490",
        company=Company("Tailspin Toys", "tailspin-toys", "tailspin.example"),
    ),
    DemoProvider(
        slug="demo-id",
        name="Demo ID",
        preset="custom_oidc",
        email="robin@example.net",
        person="Robin Roe",
        accent="#a16207",
    ),
)


def sections(wanted: DemoProvider) -> dict[str, dict[str, Any]]:
    """The settings that such a tenant starts with."""
    methods = {"sign_in": ["password"], "sign_up_open": False, "recovery_open": False}
    return {"methods": methods, "brand": {"accent": wanted.accent}}


def own_address(settings: Settings) -> str | None:
    """The host:port at which the server reaches itself; None where it is not called localhost."""
    url = urlsplit(settings.base_url)
    return f"localhost:{url.port or 80}" if url.hostname == "localhost" else None


def connect(home: Tenant, there: Tenant, wanted: DemoProvider) -> None:
    """Make the connection of the demo tenant `home` to the provider `there`, or let the one that is
    there follow its addresses."""
    known = _known(home, wanted)
    if known is not None:
        _follow(home, there, known)
        return
    connection_id = new_id("con")
    with write(there.id) as session:
        client, secret = clients.create(
            session,
            CLI,
            name=home.settings.brand.name or home.name,
            redirect_uris=[_callback(home, connection_id)],
            is_first_party=True,
        )
    values = {"issuer": there.issuer, "client_id": client.id, "client_secret": secret or ""}
    preset = providers.find(wanted.preset)
    with write(home.id) as session:
        connections.create(
            session,
            CLI,
            provider=preset.key,
            name=wanted.name,
            settings=preset.settings(values),
            organization_id=_company(session, wanted.company) if wanted.company else None,
            secret=secret,
            status="active",
            connection_id=connection_id,
        )


def _known(home: Tenant, wanted: DemoProvider) -> Connection | None:
    with read(home.id) as session:
        found = connections.list_all(session)
    return next(
        (each for each in found if (each.name, each.provider) == (wanted.name, wanted.preset)), None
    )


def _follow(home: Tenant, there: Tenant, known: Connection) -> None:
    """Another PORT is another issuer, and another redirect URI."""
    if known.settings.issuer != there.issuer:
        moved = known.settings.model_copy(update={"issuer": there.issuer})
        with write(home.id) as session:
            connections.update(session, CLI, known.id, settings=moved)
    client, uri = _client(there, known), _callback(home, known.id)
    if client is not None and uri not in client.redirect_uris:
        with write(there.id) as session:
            clients.update(session, CLI, client.id, redirect_uris=[uri])


def _client(there: Tenant, known: Connection) -> ClientView | None:
    with read(there.id) as session:
        return clients.find(session, getattr(known.settings, "client_id", ""))


def _callback(home: Tenant, connection_id: str) -> str:
    return f"{home.base_url}/connections/{connection_id}/callback"


def _company(session: Session, company: Company) -> str:
    """The organization with its domain, whose people sign in nowhere else; its id."""
    found = organizations.by_slug_or_id(session, company.slug)
    if found is not None:
        return found.id
    made = organizations.create(session, CLI, name=company.name, slug=company.slug)
    claim = domain_claims.claim(session, CLI, made, company.domain)
    domain_claims.take_for_example(session, CLI, claim.id)
    policy = organizations_policy.parse({"sso": "domain"})
    organizations_policy.set_policy(session, CLI, made, policy)
    return made
