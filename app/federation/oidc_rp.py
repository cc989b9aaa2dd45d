"""AuthPage as an OpenID Connect relying party: the authorization code flow with PKCE.

Pure protocol: no web request, no flow, no transaction while the network is asked.
"""

from collections.abc import Mapping

from app.directory import upstream_sessions
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.federation import (
    authorization,
    breaker,
    claims,
    client_authentication,
    discovery,
    id_token,
    oauth_rp,
    token_request,
    userinfo,
)
from app.federation.authorization import Wanted
from app.federation.claims import InClaimedDomain
from app.federation.discovery import Endpoints
from app.federation.identity import Identity, UpstreamAway, UpstreamRefused
from app.federation.network import Budget
from app.federation.providers import quirks_of
from app.federation.request import Request
from app.federation.user_parameter import with_posted_name


def start(
    connection: Connection,
    *,
    redirect_uri: str,
    state: str,
    login_hint: str | None = None,
    prompt: str | None = None,
    acr_values: tuple[str, ...] = (),
    max_age: int | None = None,
    locale: str = "",
    nonce: str | None = None,
    code_verifier: str | None = None,
) -> Request:
    """Where to send the browser, and what to keep for `finish`; plain OAuth 2 connections too.

    `nonce` and `code_verifier` are made here unless the caller has secrets of its own for them.
    Raises `UpstreamAway` and `UpstreamRefused` when the provider's endpoints cannot be had.
    """
    wanted = Wanted(login_hint, prompt, acr_values, max_age, locale)
    secrets = {
        "nonce": nonce or authorization.make_nonce(),
        "code_verifier": code_verifier or authorization.make_nonce(),
        "issuer": connection.settings.issuer,
    }
    if not isinstance(connection.settings, OidcSettings):
        return oauth_rp.start(connection, redirect_uri, state, wanted, secrets)
    with breaker.watching(connection, is_whole=False):
        endpoints = discovery.find(connection, connection.settings, Budget())
    parameters = _parameters(connection, connection.settings, wanted, secrets)
    sent = {"redirect_uri": redirect_uri, "state": state, **parameters}
    keep = secrets if max_age is None else secrets | {"max_age": str(max_age)}
    return Request(authorization.with_query(endpoints.authorization, sent), keep=keep)


def finish(
    connection: Connection,
    secret: str | None,
    *,
    redirect_uri: str,
    parameters: Mapping[str, str],
    keep: Mapping[str, str],
    is_in_claimed_domain: InClaimedDomain,
) -> Identity:
    """Whom the provider's answer proves; plain OAuth 2 connections too.

    `parameters` are the query or form of the answer, whose state the caller has checked; `keep` is
    what `start` gave. `is_in_claimed_domain` is asked with a mail domain in ASCII, once no more
    requests are made. Raises `UpstreamRefused` and `UpstreamAway`.
    """
    code = authorization.code_from(connection, parameters, keep)
    if not isinstance(connection.settings, OidcSettings):
        return oauth_rp.finish(connection, secret, redirect_uri, code, keep, is_in_claimed_domain)
    with breaker.watching(connection):
        proven, told, id_token_text = _exchange(
            connection, connection.settings, secret, redirect_uri, code, parameters, keep
        )
    if quirks_of(connection.provider).posts_user:
        told = with_posted_name(told, parameters.get("user"))
    identity = claims.identity(connection, proven, told, is_in_claimed_domain)
    if not connection.settings.logs_out_upstream:
        return identity
    sealed = upstream_sessions.seal(connection.tenant_id, id_token_text)
    return identity.model_copy(update={"sealed_id_token": sealed})


def logout_url(
    connection: Connection,
    *,
    id_token_hint: str | None,
    post_logout_redirect_uri: str,
    state: str,
) -> str | None:
    """Where the browser signs out at the provider (OpenID Connect RP-Initiated Logout, section 2);
    None where the connection does not ask for it, or the provider has no such place."""
    settings = connection.settings
    if not isinstance(settings, OidcSettings) or not settings.logs_out_upstream:
        return None
    try:
        with breaker.watching(connection, is_whole=False):
            endpoint = discovery.find(connection, settings, Budget()).end_session
    except (UpstreamAway, UpstreamRefused):
        return None  # Nobody's own sign-out waits for a provider.
    if endpoint is None:
        return None
    parameters = {
        "client_id": settings.client_id,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }
    if id_token_hint is not None:
        parameters["id_token_hint"] = id_token_hint
    return authorization.with_query(endpoint, parameters)


def _parameters(
    connection: Connection, settings: OidcSettings, wanted: Wanted, secrets: dict[str, str]
) -> dict[str, str]:
    quirks = quirks_of(connection.provider)
    made = {
        "response_type": "code",
        "client_id": settings.client_id,
        "scope": " ".join(settings.scopes),
        "nonce": secrets["nonce"],
        **quirks.parameters(settings),
        **authorization.passed_on(connection, wanted),
    }
    if quirks.uses_pkce:
        made |= authorization.challenge(secrets["code_verifier"])
    if settings.response_mode != "query":
        made["response_mode"] = settings.response_mode
    if wanted.acr_values:
        made["acr_values"] = " ".join(wanted.acr_values)
    if wanted.max_age is not None and quirks.prompts is None:
        made["max_age"] = str(wanted.max_age)
    return made | ({"ui_locales": wanted.locale} if wanted.locale else {})


def _exchange(
    connection: Connection,
    settings: OidcSettings,
    secret: str | None,
    redirect_uri: str,
    code: str,
    parameters: Mapping[str, str],
    keep: Mapping[str, str],
) -> tuple[claims.Claims, claims.Claims, str]:
    """The checked claims of the ID token, those of the UserInfo endpoint where it is read, and the
    ID token itself."""
    budget = Budget()
    endpoints = discovery.find(connection, settings, budget)
    if endpoints.names_itself and "iss" not in parameters:
        raise UpstreamRefused("issuer_mismatch", {"iss": "missing from the response"})
    tokens = token_request.redeem(
        connection,
        client_authentication.as_taken(settings, endpoints.takes),
        secret,
        endpoint=endpoints.token,
        code=code,
        redirect_uri=redirect_uri,
        verifier=keep["code_verifier"] if quirks_of(connection.provider).uses_pkce else None,
        budget=budget,
    )
    proven = id_token.check(
        connection, settings, tokens, jwks_url=endpoints.jwks, keep=keep, budget=budget
    )
    claims.demand_subject(proven)
    told = _told(connection, settings, endpoints, tokens.access_token, proven, budget)
    return proven, told, tokens.id_token or ""


def _told(
    connection: Connection,
    settings: OidcSettings,
    endpoints: Endpoints,
    access_token: str | None,
    proven: claims.Claims,
    budget: Budget,
) -> claims.Claims:
    if not settings.reads_userinfo or endpoints.userinfo is None:
        return {}
    return userinfo.of_subject(connection, endpoints.userinfo, access_token, proven["sub"], budget)
