"""Which ID tokens and access tokens this app believes."""

import base64
import hashlib
import hmac
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from authpage.errors import InvalidToken
from authpage.provider import Provider
from authpage.signatures import verified_claims

CLOCK_SKEW_SECONDS = 60

_END_OF_TIME = 1 << 53

_ID_TOKEN_TYPES = frozenset({None, "jwt"})
_ACCESS_TOKEN_TYPES = frozenset({"at+jwt"})


@dataclass(frozen=True)
class AccessToken:
    """A verified access token: who, for whom, and what for."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    claims: dict[str, Any]


class AccessTokenVerifier:
    """Verifies JWT access tokens (RFC 9068) for an API. One per API; safe to share by threads."""

    def __init__(
        self, provider: Provider | str, audience: str, *, client_id: str | None = None
    ) -> None:
        """Trust one issuer, for one audience: the name under which this API is known to it.

        AuthPage makes tokens out to its own issuer when the app asked for no resource. An API
        that takes that audience should name the one client whose tokens it takes.
        """
        self._provider = Provider(provider) if isinstance(provider, str) else provider
        self._audience = audience
        self._client_id = client_id

    def verify(self, token: str, scopes: Iterable[str] = ()) -> AccessToken:
        """Return the verified token (RFC 9068 section 4).

        Raises InvalidToken when it is not for this API or has run out, InsufficientScope when it
        is good but lacks one of the scopes, ProviderUnavailable when keys cannot be fetched.
        """
        claims = verified_claims(token, self._provider.key, _ACCESS_TOKEN_TYPES)
        _check_issuer_and_times(claims, self._provider)
        if self._audience not in _audiences(claims):
            raise InvalidToken("the token is for another audience")
        if self._client_id not in (None, claims.get("client_id")):
            raise InvalidToken("the token was given to another client")
        granted = frozenset(str(claims.get("scope", "")).split())
        missing = frozenset(scopes) - granted
        if missing:
            raise InsufficientScope(missing)
        return AccessToken(
            subject=_text(claims, "sub"),
            client_id=_text(claims, "client_id"),
            scopes=granted,
            claims=claims,
        )


class InsufficientScope(InvalidToken):
    """The token is good, but does not carry these scopes."""

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__("the token lacks a scope")
        self.missing = missing


def verify_id_token(
    token: str,
    provider: Provider,
    client_id: str,
    *,
    access_token: str,
    nonce: str | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """Return the claims of an ID token made for this client (OpenID Connect Core 3.1.3.7).

    A nonce or a subject that is given must be the one in the token. Raises InvalidToken, and
    ProviderUnavailable when keys cannot be fetched.
    """
    claims = verified_claims(token, provider.key, _ID_TOKEN_TYPES)
    _check_issuer_and_times(claims, provider)
    # We trust no audience beside ourselves, so a token for several is refused (step 3).
    if _audiences(claims) != [client_id] or claims.get("azp", client_id) != client_id:
        raise InvalidToken("the ID token is for another client")
    if nonce is not None and not _same(claims.get("nonce"), nonce):
        raise InvalidToken("the ID token answers another request")
    if subject is not None and claims.get("sub") != subject:
        raise InvalidToken("the ID token is about another person")
    _text(claims, "sub")
    _check_at_hash(claims, access_token)
    return claims


def _check_issuer_and_times(claims: dict[str, Any], provider: Provider) -> None:
    now = provider.clock()
    if claims.get("iss") != provider.issuer:
        raise InvalidToken("the token is from another issuer")
    if _seconds(claims, "exp") < now - CLOCK_SKEW_SECONDS:
        raise InvalidToken("the token has expired")
    if _seconds(claims, "iat") > now + CLOCK_SKEW_SECONDS:
        raise InvalidToken("the token is from the future")
    if "nbf" in claims and _seconds(claims, "nbf") > now + CLOCK_SKEW_SECONDS:
        raise InvalidToken("the token is not valid yet")


def _check_at_hash(claims: dict[str, Any], access_token: str) -> None:
    """The hash is as long as that of the signature: SHA-512 for Ed25519, else SHA-256."""
    if "at_hash" not in claims:
        return
    ascii_token = access_token.encode()
    digests = (hashlib.sha256(ascii_token).digest(), hashlib.sha512(ascii_token).digest())
    expected = [_base64url(digest[: len(digest) // 2]) for digest in digests]
    if not any(_same(claims["at_hash"], value) for value in expected):
        raise InvalidToken("the ID token came with another access token")


def _audiences(claims: dict[str, Any]) -> list[Any]:
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [audience]


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # bool is an int in Python, and every comparison with NaN is false.
    if isinstance(value, int) and not isinstance(value, bool):
        return float(min(value, _END_OF_TIME))
    if isinstance(value, float) and not math.isnan(value):
        return value
    raise InvalidToken(f"the token has no usable {name}")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidToken(f"the token has no usable {name}")
    return value


def _same(claimed: Any, expected: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.encode(), expected.encode())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
