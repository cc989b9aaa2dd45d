"""How clients say who they are at the double of a provider."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app import clock
from tests.doubles.oidc_script import Asked, Failure

if TYPE_CHECKING:
    from tests.doubles.oidc_provider import OidcProvider


def demand_client(provider: "OidcProvider", asked: Asked) -> str:
    """Who asks, proven as the provider wants it."""
    form, authorization = asked.form, asked.headers.get("authorization", "")
    if authorization.startswith("Basic ") and "client_secret_basic" in provider.dialect.takes:
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client_id, _, secret = (unquote_plus(each) for each in pair.partition(":"))
        if provider.clients.get(client_id) == secret:
            return client_id
    client_id = form.get("client_id", "")
    if "client_assertion" in form and "private_key_jwt" in provider.dialect.takes:
        return _asserted(provider, client_id, form["client_assertion"], asked.path)
    if provider.dialect.signed_secret:
        return _apple_client(provider, client_id, form.get("client_secret", ""))
    is_taken = "client_secret_post" in provider.dialect.takes and "client_secret" in form
    if is_taken and provider.clients.get(client_id) == form["client_secret"]:
        return client_id
    raise _client_error(provider)


def _asserted(provider: "OidcProvider", client_id: str, assertion: str, path: str) -> str:
    claims = _verified(provider, client_id, assertion)
    is_right = (
        claims.get("iss") == claims.get("sub") == client_id
        and claims.get("aud") == f"{provider.url}{path}"
        and isinstance(claims.get("jti"), str)
        and claims.get("exp", 0) > clock.now_seconds()
    )
    if not is_right:
        raise _client_error(provider)
    return client_id


def _apple_client(provider: "OidcProvider", client_id: str, secret: str) -> str:
    claims = _verified(provider, client_id, secret)
    now = clock.now_seconds()
    is_right = (
        claims.get("iss") == "TEAM123456"
        and claims.get("sub") == client_id
        and claims.get("aud") == "https://appleid.apple.com"
        and now - 60 < claims.get("iat", 0) <= now < claims.get("exp", 0) <= now + 15_777_000
    )
    if not is_right:
        raise _client_error(provider)
    return client_id


def _verified(provider: "OidcProvider", client_id: str, token: str) -> Mapping[str, Any]:
    jwk = provider.public_keys.get(client_id)
    if jwk is None:
        raise _client_error(provider)
    kind: Any = ECKey if jwk["kty"] == "EC" else RSAKey
    registry = jws.JWSRegistry(algorithms=["ES256", "RS256"], strict_check_header=False)
    try:
        return jwt.decode(token, kind.import_key(jwk), registry=registry).claims
    except (JoseError, ValueError):
        raise _client_error(provider) from None


def _client_error(provider: "OidcProvider") -> Failure:
    if provider.dialect.errors_are_fine:
        return Failure("incorrect_client_credentials")
    return Failure("invalid_client", 401 if not provider.dialect.errors_are_objects else 400, 1)
