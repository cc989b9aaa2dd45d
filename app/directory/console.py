"""The console's own tenant: its users are the admins, and the console is a client of it."""

from typing import Any
from urllib.parse import urlsplit

from app.actor import SYSTEM
from app.config import settings
from app.database import EVERYWHERE, Session, read, write
from app.directory import clients, organizations, settings_store, tenants
from app.directory.tenants import Tenant
from app.keys import rotation

SLUG = tenants.CONSOLE_SLUG
CLIENT_ID = "cli_console"
HOME = "/console"
CALLBACK = f"{HOME}/callback"
ADMINS = "admins"
"""The slug of the organization that invited admins join."""

_SECTIONS: dict[str, dict[str, Any]] = {
    "methods": {
        "sign_in": ["passkey", "email_code"],
        "sign_up": ["passkey", "email_code"],
        "sign_up_open": False,
    },
    "policy": {"mfa": "required"},
    "organizations": {"choice": "off"},
    "brand": {"name": "AuthPage"},
}
"""What the tenant starts with: nobody signs up uninvited, nobody has a password, and everybody has
a passkey or an authenticator app. Its operator may change any of it."""


def find() -> Tenant | None:
    """The console's tenant; None before it was made, and in production while CONSOLE_URL, its own
    host, is not set."""
    if settings().is_production and not settings().console_url:
        return None
    return tenants.by_slug(SLUG)


def prepare() -> Tenant:
    """The console's tenant, made with its key, settings and client where they are missing."""
    found = tenants.by_slug(SLUG)
    if found is None:
        with write(EVERYWHERE) as session:
            tenants.create(session, SYSTEM, SLUG, "AuthPage console", "live", own_host())
        found = tenants.by_slug(SLUG)
    assert found is not None
    _fill(found)
    return tenants.by_id(found.id) or found


def own_host() -> str | None:
    """The host of the console; None where it lives under a path of the base host."""
    return urlsplit(settings().console_url).netloc or None


def _fill(tenant: Tenant) -> None:
    with read(tenant.id) as session:
        if _is_complete(session, tenant):
            return
    with write(tenant.id) as session:
        if not rotation.list_keys(session):
            rotation.create_first(session)
        for section, document in _SECTIONS.items():
            if not settings_store.history(session, section):
                settings_store.publish(session, SYSTEM, section, document)
        if organizations.by_slug_or_id(session, ADMINS) is None:
            organizations.create(session, SYSTEM, name="Admins", slug=ADMINS)
        _register(session, tenant)


def _is_complete(session: Session, tenant: Tenant) -> bool:
    known = clients.find(session, CLIENT_ID)
    return known is not None and known.redirect_uris == (_callback(tenant),)


def _register(session: Session, tenant: Tenant) -> None:
    """The console as a client; where the port or host changed, with its new addresses."""
    home = f"{tenant.base_url}{HOME}"
    if clients.find(session, CLIENT_ID) is None:
        clients.create(
            session,
            SYSTEM,
            id=CLIENT_ID,
            name="Console",
            kind="spa",
            redirect_uris=[_callback(tenant)],
            post_logout_redirect_uris=[home],
            scopes=["openid", "profile", "email"],
            grant_types=["authorization_code"],
            home_url=home,
        )
        return
    clients.update(
        session,
        SYSTEM,
        CLIENT_ID,
        redirect_uris=[_callback(tenant)],
        post_logout_redirect_uris=[home],
        home_url=home,
    )


def _callback(tenant: Tenant) -> str:
    return f"{tenant.base_url}{CALLBACK}"
