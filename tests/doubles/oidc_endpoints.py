"""What each endpoint of the double of a provider answers."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app import clock
from tests.doubles.oidc_clients import demand_client
from tests.doubles.oidc_script import REMOVED, Asked, Failure, Grant, changed

if TYPE_CHECKING:
    from tests.doubles.oidc_provider import OidcProvider


def signed_in(provider: "OidcProvider", query: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Where the browser goes with which parameters, once the person has signed in."""

    target = query.get("redirect_uri", "")
    if query.get("client_id") not in provider.clients or not target:
        raise Failure("unauthorized_client")
    if query.get("response_type") != "code":
        raise Failure("unsupported_response_type")
    scopes = tuple(query.get("scope", "").split())
    if provider.dialect.has_id_token and "openid" not in scopes:
        raise Failure("invalid_scope")
    if provider.dialect.posts and query.get("response_mode") != "form_post":
        raise Failure("response_mode must be form_post when name or email scope is requested")
    code = secrets.token_urlsafe(16)
    challenge = query.get("code_challenge") if provider.dialect.knows_pkce else None
    provider.grants[code] = Grant(query["client_id"], target, query.get("nonce"), challenge, scopes)
    parameters: dict[str, Any] = {"code": code, "state": query.get("state", "")}
    user = provider.apple_user()
    if user is not None:
        parameters["user"] = user
    parameters |= provider.script.redirect
    if "error" in parameters:
        parameters.pop("code")
    return target, {name: value for name, value in parameters.items() if value is not REMOVED}


def _discovery(provider: "OidcProvider", asked: Asked) -> dict[str, Any]:
    dialect = provider.dialect
    if not dialect.has_id_token:
        raise Failure("not_found", 404)
    path = dialect.discovery_issuer
    document = {
        "issuer": provider.issuer if path is None else f"{provider.url}{path}",
        "authorization_endpoint": f"{provider.url}{dialect.authorize}",
        "token_endpoint": f"{provider.url}{dialect.token}",
        "userinfo_endpoint": f"{provider.url}{dialect.userinfo}",
        "jwks_uri": f"{provider.url}{dialect.jwks}",
        "end_session_endpoint": f"{provider.url}/logout",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return changed(document, provider.script.discovery)


def _jwks(provider: "OidcProvider", asked: Asked) -> dict[str, Any]:
    return provider.keys.document()


def _token(provider: "OidcProvider", asked: Asked) -> dict[str, Any]:
    if provider.script.token_error is not None:
        status, document = provider.script.token_error
        raise Failure("scripted", status, document=document)
    form = asked.form
    client_id = demand_client(provider, asked)
    if provider.dialect.refuses_verifier and "code_verifier" in form:
        raise Failure("invalid_client", 401)
    grant = provider.grants.get(form.get("code", ""))
    if grant is None or grant.is_used or grant.client_id != client_id:
        raise Failure(_code_error(provider))
    grant.is_used = True
    if grant.redirect_uri != form.get("redirect_uri"):
        raise Failure(_code_error(provider))
    if grant.challenge is not None and grant.challenge != _s256(form.get("code_verifier", "")):
        raise Failure(_code_error(provider))
    access_token = secrets.token_urlsafe(24)
    provider.tokens[access_token] = grant
    document = {"access_token": access_token, "token_type": "Bearer", "expires_in": 3600}
    if provider.dialect.has_id_token:
        document["id_token"] = _id_token(provider, grant, access_token)
    return changed(document, provider.script.tokens)


def _code_error(provider: "OidcProvider") -> str:
    return "bad_verification_code" if provider.dialect.errors_are_fine else "invalid_grant"


def _id_token(provider: "OidcProvider", grant: Grant, access_token: str) -> str:
    script, now = provider.script, clock.now_seconds()
    claims = {
        "iss": provider.token_issuer,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "at_hash": _at_hash(access_token),
        **script.person,
    }
    if provider.dialect.echoes_nonce and grant.nonce is not None:
        claims["nonce"] = grant.nonce
    claims = changed(claims, script.changed)
    header = changed(provider.keys.header(), script.header)
    return (script.signs or provider.keys.sign)(header, claims)


def _userinfo(provider: "OidcProvider", asked: Asked) -> dict[str, Any]:
    _demand_token(provider, asked)
    return changed(provider.script.person, provider.script.userinfo)


def _addresses(provider: "OidcProvider", asked: Asked) -> Any:
    grant = _demand_token(provider, asked)
    if "user:email" not in grant.scopes:
        raise Failure("not_found", 404)
    return provider.script.addresses


def _demand_token(provider: "OidcProvider", asked: Asked) -> Grant:
    token = asked.headers.get("authorization", "").removeprefix("Bearer ")
    grant = provider.tokens.get(token)
    if grant is None or (provider.dialect.wants_name and "user-agent" not in asked.headers):
        raise Failure("invalid_token", 401)
    if provider.dialect.proves_secret:
        secret = provider.clients[grant.client_id]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if asked.query.get("appsecret_proof") != proof:
            raise Failure("Invalid appsecret_proof provided in the API argument")
    return grant


def _at_hash(access_token: str) -> str:
    return _encoded(hashlib.sha256(access_token.encode()).digest()[:16])


def _s256(verifier: str) -> str:
    return _encoded(hashlib.sha256(verifier.encode()).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _nowhere(provider: "OidcProvider", asked: Asked) -> dict[str, Any]:
    raise Failure("not_found", 404)


ENDPOINTS: Mapping[str, Any] = {
    "discovery": _discovery,
    "jwks": _jwks,
    "token": _token,
    "userinfo": _userinfo,
    "addresses": _addresses,
    "nowhere": _nowhere,
}
