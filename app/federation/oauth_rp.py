"""Providers that speak plain OAuth 2 and tell of the person at an API of their own.

There is no ID token: what proves the person is that we redeemed the code ourselves, with our client
secret and PKCE, and asked the API with the token that came for it.
"""

from collections.abc import Mapping
from typing import Any

from app.directory.connection_settings import OAuthSettings
from app.directory.connections import Connection
from app.federation import authorization, breaker, claims, token_request, userinfo
from app.federation.authorization import Wanted
from app.federation.claims import InClaimedDomain
from app.federation.discovery import is_usable
from app.federation.identity import Identity, UpstreamRefused
from app.federation.network import Budget
from app.federation.providers import quirks_of
from app.federation.request import Request


def start(
    connection: Connection,
    redirect_uri: str,
    state: str,
    wanted: Wanted,
    secrets: dict[str, str],
) -> Request:
    """Where to send the browser; no request is made. Raises `UpstreamRefused` for an endpoint that
    no browser may be sent to."""
    settings = _settings(connection)
    if not is_usable(settings.authorization_endpoint):
        raise UpstreamRefused("discovery_unusable", {"url": settings.authorization_endpoint})
    parameters = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(settings.scopes),
        "state": state,
        **quirks_of(connection.provider).parameters(settings),
        **authorization.passed_on(connection, wanted),
    }
    if settings.uses_pkce:
        parameters |= authorization.challenge(secrets["code_verifier"])
    return Request(
        authorization.with_query(settings.authorization_endpoint, parameters), keep=secrets
    )


def finish(
    connection: Connection,
    secret: str | None,
    redirect_uri: str,
    code: str,
    keep: Mapping[str, str],
    is_in_claimed_domain: InClaimedDomain,
) -> Identity:
    """Whom the code stands for. Raises `UpstreamRefused` and `UpstreamAway`."""
    settings = _settings(connection)
    with breaker.watching(connection):
        budget = Budget()
        tokens = token_request.redeem(
            connection,
            settings,
            secret,
            endpoint=settings.token_endpoint,
            code=code,
            redirect_uri=redirect_uri,
            verifier=keep["code_verifier"] if settings.uses_pkce else None,
            budget=budget,
        )
        told = _profile(connection, settings, tokens.access_token, secret, budget)
    return claims.identity(connection, told, {}, is_in_claimed_domain)


def _profile(
    connection: Connection,
    settings: OAuthSettings,
    access_token: str | None,
    secret: str | None,
    budget: Budget,
) -> dict[str, Any]:
    """The profile; where addresses have a list of their own, the profile's is not read."""
    told = userinfo.fetch(connection, settings.userinfo_endpoint, access_token, secret, budget)
    told = {name: value for name, value in told.items() if name not in _PROTOCOL_CLAIMS}
    if settings.emails_endpoint is None:
        return told
    address, verified = userinfo.primary_address(
        connection, settings.emails_endpoint, access_token, budget
    )
    mapping = settings.mapping
    return told | {mapping.email: address, mapping.email_verified or "email_verified": verified}


_PROTOCOL_CLAIMS = {"iss", "amr", "acr", "auth_time", "sid"}
"""What a profile has no business to say: only a signed token may."""


def _settings(connection: Connection) -> OAuthSettings:
    assert isinstance(connection.settings, OAuthSettings)
    return connection.settings
