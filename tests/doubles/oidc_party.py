"""Our relying party in front of the double of a provider: a connection, and whole sign-ins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from joserfc.jwk import ECKey

from app.config import Settings
from app.directory.connection_settings import OAuthSettings, OidcSettings
from app.directory.connections import Connection
from app.federation import oidc_rp, providers
from app.federation.identity import Identity
from app.federation.request import Request
from app.ids import new_id
from tests.doubles.oidc_browser import Returned, visit
from tests.doubles.oidc_people import DIRECTORY
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider

CALLBACK = "https://login.acme.example/connections/con_1/callback"
_KEY = ECKey.generate_key("P-256", auto_kid=False)
PRIVATE_KEY = _KEY.as_pem(private=True).decode()
VALUES = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "team_id": "TEAM123456",
    "key_id": "KEY1234567",
    "private_key": PRIVATE_KEY,
    "directory_id": DIRECTORY,
    "hosted_domains": "acme.example",
    "issuer": "https://idp.acme.example",
}
_DIALECTS = {
    "custom_oidc": "oidc",
    "google_workspace": "google",
    **dict.fromkeys(("generic", "okta", "onelogin"), "oidc"),
}


def dialect_of(preset: str) -> str:
    """What the double must speak for a preset."""
    return _DIALECTS.get(preset, preset)


def connection_to(
    provider: OidcProvider, preset: str, organization_id: str | None = None, **changed: Any
) -> Connection:
    """A connection made of the preset, pointed at the double; `changed` are settings."""
    given = {**VALUES, "issuer": "https://idp.acme.example"}
    if preset not in ("apple",):
        given.pop("private_key")
    settings = providers.find(preset).settings(given)
    provider.public_keys[CLIENT_ID] = dict(_KEY.as_dict(private=False))
    settings = provider.pointed_here(settings).model_copy(update=changed)
    return connection_with(settings, preset, organization_id)


def connection_with(
    settings: OidcSettings | OAuthSettings, preset: str, organization_id: str | None = None
) -> Connection:
    """A live connection of just these settings; an organization's where one is named, and where
    the preset is for organizations."""
    if organization_id is None and not providers.find(preset).is_social:
        organization_id = "org_1"
    return Connection(
        id=new_id("con"),
        tenant_id="tnt_1",
        organization_id=organization_id,
        organization_is_active=True,
        provider=preset,
        name=preset.title(),
        status="active",
        settings=settings,
        generation=1,
        metadata_due_at=None,
        row_version=1,
    )


class Party:
    """One connection, and people who sign in by it."""

    def __init__(self, connection: Connection, secret: str | None = SECRET) -> None:
        self.connection = connection
        is_apple = getattr(connection.settings, "authentication", "") in (
            "apple",
            "private_key_jwt",
        )
        self.secret = PRIVATE_KEY if is_apple else secret
        self.domains = {"acme.example"}
        self.asked_for: list[str] = []
        """Domains that were looked up."""

    def start(self, **wanted: Any) -> Request:
        """The request that a sign-in begins with."""
        return oidc_rp.start(self.connection, redirect_uri=CALLBACK, state="st4te", **wanted)

    def finish(self, request: Request, returned: Returned) -> Identity:
        """What the answer to that request is worth."""
        return oidc_rp.finish(
            self.connection,
            self.secret,
            redirect_uri=CALLBACK,
            parameters=returned.parameters,
            keep=request.keep,
            is_in_claimed_domain=self.claims,
        )

    def sign_in(self, meanwhile: Callable[[], None] = lambda: None, **wanted: Any) -> Identity:
        """A whole sign-in; `meanwhile` happens while the browser is at the provider."""
        request = self.start(**wanted)
        returned = visit(request.url)
        assert returned.parameters["state"] == "st4te"
        meanwhile()
        return self.finish(request, returned)

    def claims(self, domain: str) -> bool:
        """Whether the organization proved the domain."""
        self.asked_for.append(domain)
        return domain in self.domains


@dataclass(frozen=True)
class Meeting:
    """A provider and a party that may reach it, and nothing else on this machine."""

    provider: OidcProvider
    party: Party


@contextmanager
def meeting(preset: str = "custom_oidc", **changed: Any) -> Iterator[Meeting]:
    """A provider that speaks as the preset wants, and a connection; `changed` are settings."""
    with OidcProvider(dialect_of(preset)) as provider, reaching(provider.address):
        yield Meeting(provider, Party(connection_to(provider, preset, **changed)))


@contextmanager
def reaching(*addresses: str) -> Iterator[None]:
    """An application whose outgoing requests may go to these addresses of this machine."""
    app = Flask("party")
    given = {"environment": "test", "outbound_allow": addresses}
    app.config["AUTHPAGE"] = Settings.model_validate(given).completed()
    with app.app_context():
        yield
