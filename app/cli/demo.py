"""The demo: tenants, people, organizations and two clients, made where they are missing.

What exists already stays as it is, so a developer may change it; only what follows from PORT and
DEMO_PORT is brought up to date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.actor import CLI
from app.addresses import parse_email
from app.cli import demo_file, demo_providers
from app.cli.failures import CommandFailed
from app.config import Settings
from app.database import EVERYWHERE, Session, read, write
from app.directory import (
    client_secrets,
    clients,
    organizations,
    people,
    settings_store,
    tenants,
)
from app.directory.clients import ClientView
from app.directory.tenants import DEFAULT_SLUG, Tenant
from app.hashing import hashing
from app.keys import rotation
from app.security import random_token

PASSWORD = "sunny-harbor-42"  # noqa: S105 (printed for everybody; development only)
CALLBACK = re.compile(r"http://localhost:\d+/auth/callback")
_OWN, _FOREIGN = "Acme Dashboard", "Globex Reports"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant of the demo, and the settings that it starts with."""

    slug: str
    name: str
    kind: Literal["live", "test"]
    sections: dict[str, dict[str, Any]]


TENANTS = (
    DemoTenant(
        DEFAULT_SLUG,
        "Acme",
        "live",
        {
            "brand": {
                "name": "Acme",
                "accent": "#4f46e5",
                "privacy_url": "https://acme.example/privacy",
                "terms_url": "https://acme.example/terms",
            },
            "organizations": {"creation_open": True},
        },
    ),
    DemoTenant(
        "passwordless",
        "Acme without passwords",
        "live",
        {
            "methods": {"sign_in": ["passkey", "magic_link"], "sign_up": ["passkey", "magic_link"]},
            "brand": {"accent": "#0f766e"},
        },
    ),
    DemoTenant(
        "strict",
        "Acme with two factors",
        "live",
        {
            "policy": {"mfa": "required", "enrolments_put_off": 1},
            "brand": {"accent": "#9f1239"},
        },
    ),
    DemoTenant(
        "mobile",
        "Acme by phone",
        "live",
        {
            "methods": {
                "sign_in": ["sms_code", "passkey"],
                "sign_up": ["sms_code", "passkey"],
                "create_on_first_sign_in": True,
            },
            "identifiers": {"email": "off", "phone": "required", "username": "optional"},
            "brand": {"accent": "#b45309"},
        },
    ),
    DemoTenant("sandbox", "Acme Sandbox", "test", {"codes": {"echo": True}}),
)
AS_PROVIDERS = tuple(
    DemoTenant(each.slug, each.name, "live", demo_providers.sections(each))
    for each in demo_providers.PROVIDERS
)
PEOPLE = {"jane@example.com": "Jane Doe", "sam@example.com": "Sam Lee"}
ORGANIZATIONS = {
    "Northwind Labs": {"jane@example.com": "owner", "sam@example.com": "member"},
    "Contoso": {"jane@example.com": "member"},
    "Fabrikam Trading": {"jane@example.com": "admin"},
}


def seed(settings: Settings) -> dict[str, str]:
    """Make what is missing; returns what the demo app is told, as it is kept in the demo file.

    Fails in production.
    """
    if settings.is_production:
        raise CommandFailed("production", "The demo is for development; nothing was changed.")
    with write(EVERYWHERE) as session:
        tenants.follow_base_url(session, CLI)
    made = [_tenant(each) for each in TENANTS]
    for tenant in made:
        if "email" in tenant.settings.identifiers.kinds:
            _people(tenant, PEOPLE)
    _organizations(made[0])
    for wanted, provider in zip(AS_PROVIDERS, demo_providers.PROVIDERS, strict=True):
        there = _tenant(wanted)
        _people(there, {provider.email: provider.person})
        demo_providers.connect(made[0], there, provider)
    told = _clients(settings, made[0])
    demo_file.save(settings, told)
    return told


def _tenant(wanted: DemoTenant) -> Tenant:
    found = tenants.by_slug(wanted.slug)
    if found is None:
        with write(EVERYWHERE) as session:
            tenants.create(session, CLI, wanted.slug, wanted.name, wanted.kind)
        found = tenants.by_slug(wanted.slug)
    assert found is not None
    with write(found.id) as session:
        if not any(key.state == "active" for key in rotation.list_keys(session)):
            rotation.create_first(session, actor=CLI)
        for section, document in wanted.sections.items():
            if not settings_store.history(session, section):
                settings_store.publish(session, CLI, section, document)
    return tenants.by_slug(wanted.slug) or found


def _people(tenant: Tenant, wanted: dict[str, str]) -> None:
    with_password = "password" in tenant.settings.methods.sign_in
    for address, name in wanted.items():
        email = parse_email(address)
        with read(tenant.id) as session:
            if people.find_by_email(session, email.key):
                continue
        hashed = hashing().hash(PASSWORD) if with_password else None
        with write(tenant.id) as session:
            people.create(
                session,
                CLI,
                email=email,
                email_verified=True,
                display_name=name,
                password_hash=hashed,
            )


def _organizations(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        for name, members in ORGANIZATIONS.items():
            slug = name.lower().replace(" ", "-")
            if organizations.by_slug_or_id(session, slug):
                continue
            made = organizations.create(session, CLI, name=name, slug=slug)
            for address, role in members.items():
                person = people.find_by_email(session, parse_email(address).key)
                assert person is not None
                organizations.join(session, CLI, made, person.user_id, [role])


def _clients(settings: Settings, tenant: Tenant) -> dict[str, str]:
    former = demo_file.load(settings)
    with write(tenant.id) as session:
        own = _client(session, settings, former, "", _OWN)
        foreign = _client(session, settings, former, "THIRD_PARTY_", _FOREIGN)
    return {
        "OIDC_ISSUER": tenant.issuer,
        **own,
        **foreign,
        "SESSION_SECRET": former.get("SESSION_SECRET") or random_token(),
        "PORT": str(settings.demo_port),
    }


def _client(
    session: Session, settings: Settings, former: dict[str, str], prefix: str, name: str
) -> dict[str, str]:
    """A client's id and secret: those that are known while they are good, else new ones."""
    id_name, secret_name = f"{prefix}OIDC_CLIENT_ID", f"{prefix}OIDC_CLIENT_SECRET"
    secret = former.get(secret_name, "")
    found = clients.find(session, former.get(id_name, "")) or _called(session, name)
    home = f"http://localhost:{settings.demo_port}/"
    if found is None:
        found, made = clients.create(
            session,
            CLI,
            name=name,
            redirect_uris=[f"{home}auth/callback"],
            post_logout_redirect_uris=[home],
            home_url=home,
            is_first_party=name == _OWN,
        )
        secret = made or ""
    _follow_port(session, found, home)
    if not clients.check_secret(clients.find(session, found.id) or found, secret):
        secret = client_secrets.rotate(session, CLI, found.id)
    return {id_name: found.id, secret_name: secret}


def _follow_port(session: Session, client: ClientView, home: str) -> None:
    """Let the client's own addresses on this machine follow DEMO_PORT; others stay."""
    callback = f"{home}auth/callback"
    if callback in client.redirect_uris and home in client.post_logout_redirect_uris:
        return
    others = [uri for uri in client.redirect_uris if not CALLBACK.fullmatch(uri)]
    clients.update(
        session,
        CLI,
        client.id,
        redirect_uris=[callback, *others],
        post_logout_redirect_uris=[home],
        home_url=home,
    )


def _called(session: Session, name: str) -> ClientView | None:
    return next((each for each in _every_client(session) if each.name == name), None)


def _every_client(session: Session) -> Iterator[ClientView]:
    page = clients.list_page(session)
    yield from page.items
    while page.next_cursor:
        page = clients.list_page(session, page.next_cursor)
        yield from page.items
