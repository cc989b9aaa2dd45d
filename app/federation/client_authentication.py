"""How we say who we are at a provider's token endpoint (OpenID Connect Core, section 9)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from app import clock
from app.directory.connection_settings import OAuthSettings, OidcSettings
from app.federation import jose
from app.federation.identity import UpstreamRefused
from app.federation.jose import BadPrivateKey
from app.federation.providers import quirks_of

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIVES = 300
"""Seconds for which an assertion, or Apple's client secret, is good."""
_APPLE = "https://appleid.apple.com"
_BY_SECRET = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True)
class Credentials:
    """What goes with a token request. Holds secrets."""

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] = field(default_factory=dict, repr=False)


def credentials(
    provider: str, settings: OidcSettings | OAuthSettings, secret: str | None, endpoint: str
) -> Credentials:
    """What says to `endpoint` that we are the client. Raises `UpstreamRefused` without a secret,
    or with a private key that is none."""
    if settings.authentication == "none":
        return Credentials(form={"client_id": settings.client_id})
    if not secret:
        raise UpstreamRefused("client_refused", {"reason": "no client secret or key is stored"})
    if settings.authentication == "client_secret_basic":
        return Credentials(headers={"Authorization": _basic(settings.client_id, secret)})
    form = {"client_id": settings.client_id}
    if settings.authentication == "client_secret_post":
        return Credentials(form=form | {"client_secret": secret})
    if settings.authentication == "apple":
        return Credentials(form=form | {"client_secret": apple_secret(settings, secret)})
    assertion = _assertion(provider, settings, secret, endpoint)
    return Credentials(
        form=form | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    )


def as_taken(settings: OidcSettings, takes: Sequence[str]) -> OidcSettings:
    """The settings, with the secret sent in the one of two ways that the provider says it takes;
    admins need not know of them (OpenID Connect Discovery, section 3)."""
    is_fine = settings.authentication not in _BY_SECRET or settings.authentication in takes
    other = next((each for each in _BY_SECRET if each in takes), None)
    return (
        settings if is_fine or not other else settings.model_copy(update={"authentication": other})
    )


def apple_secret(settings: OidcSettings, private_key: str) -> str:
    """Apple's client secret: a JWT by the team's key, made anew for each request."""
    now = clock.now_seconds()
    claims = {
        "iss": settings.team_id or "",
        "iat": now,
        "exp": now + LIVES,
        "aud": _APPLE,
        "sub": settings.client_id,
    }
    return _signed(claims, private_key, {"kid": settings.key_id or ""})


def _assertion(provider: str, settings: OidcSettings, private_key: str, endpoint: str) -> str:
    """A client assertion (RFC 7523, section 3). It is only ever sent to its audience."""
    now = clock.now_seconds()
    claims = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": now,
        "exp": now + LIVES,
    }
    name = quirks_of(provider).key_header
    return _signed(claims, private_key, {name: settings.key_id} if settings.key_id else {})


def _signed(claims: dict[str, object], private_key: str, headers: dict[str, str]) -> str:
    try:
        return jose.sign(claims, private_key, headers)
    except BadPrivateKey:
        raise UpstreamRefused(
            "client_refused", {"reason": "the private key is not a PEM of RSA or P-256"}
        ) from None


def _basic(client_id: str, secret: str) -> str:
    """Both halves form-encoded first, as RFC 6749, section 2.3.1 wants and few remember."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
