"""An OpenID Connect client of one AuthPage: the protocol, without any web framework."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2

from authpage.errors import InvalidResponse, InvalidToken, NoAnswer, OAuthError
from authpage.provider import Provider
from authpage.tokens import verify_id_token
from authpage.transport import get_json, post_form, require_safe_url

DEFAULT_SCOPES = ("openid", "profile", "email", "offline_access")
DEFAULT_TOKEN_SECONDS = 300


@dataclass(frozen=True)
class AuthorizationRequest:
    """Where to send the browser, and what its answer must match. Keep it bound to the browser."""

    url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True)
class TokenSet:
    """The tokens of one person in one app. `expires_at` is that of the access token, in epoch
    seconds; `id_claims` are the verified claims of the ID token."""

    access_token: str = field(repr=False)
    expires_at: float
    scope: str
    id_claims: dict[str, Any]
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


class Client:
    """One app at one AuthPage. Holds no state of any login; safe to share by threads."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        client_secret: str | None = None,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """A client without a secret is a public one. Nothing is fetched yet.

        Raises ConfigurationError unless issuer and redirect URI are https, or http on localhost.
        """
        self.provider = Provider(issuer, http=http, clock=clock)
        self.client_id = client_id
        self.redirect_uri = require_safe_url(redirect_uri, "the redirect URI")
        self.scopes = tuple(scopes)
        self._client_secret = client_secret

    def authorization_request(
        self,
        *,
        organization: str | None = None,
        prompt: str | None = None,
        login_hint: str | None = None,
        ui_locales: str | None = None,
    ) -> AuthorizationRequest:
        """Begin a login, with fresh state, nonce and PKCE verifier (RFC 9700 section 2.1.1).

        `prompt="create"` opens sign-up. Raises ProviderUnavailable, InvalidResponse.
        """
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier = secrets.token_urlsafe(48)
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
            "organization": organization,
            "prompt": prompt,
            "login_hint": login_hint,
            "ui_locales": ui_locales,
        }
        endpoint = self.provider.metadata().authorization_endpoint
        return AuthorizationRequest(_with_query(endpoint, parameters), state, nonce, verifier)

    def code_from_response(self, parameters: Mapping[str, str], state: str) -> str:
        """Return the code of an authorization response that answers the request with this state.

        Raises OAuthError when the answer is an error, InvalidResponse when state or `iss` are
        wrong (RFC 9207 section 2.4) or there is no code.
        """
        if not hmac.compare_digest(parameters.get("state", "").encode(), state.encode()):
            raise InvalidResponse("the answer belongs to another request")
        self._check_iss(parameters.get("iss"))
        if "error" in parameters:
            raise OAuthError(parameters["error"])
        if not parameters.get("code"):
            raise InvalidResponse("the answer has no code")
        return parameters["code"]

    def exchange_code(self, code: str, *, nonce: str, code_verifier: str) -> TokenSet:
        """Redeem a code. The ID token is verified, with its nonce, before anything is returned.

        Raises OAuthError, InvalidToken, InvalidResponse, ProviderUnavailable.
        """
        answer = self._token_request(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=code_verifier,
        )
        tokens = self._token_set(answer, nonce=nonce)
        if tokens.id_token is None:
            raise InvalidResponse("the token response has no ID token")
        return tokens

    def refresh(self, tokens: TokenSet, *, organization: str | None = None) -> TokenSet:
        """Return new tokens; with an organization, tokens for that one of the same person.

        A lost answer is asked for once more, at once, while AuthPage's grace for the old refresh
        token lasts. Raises OAuthError (`invalid_grant` ends the session), InvalidToken,
        InvalidResponse, ProviderUnavailable.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
        if organization is not None:
            form["organization"] = organization
        try:
            answer = self._token_request(**form)
        except NoAnswer:
            answer = self._token_request(**form)
        return self._token_set(answer, before=tokens)

    def userinfo(self, tokens: TokenSet) -> dict[str, Any]:
        """Return the person's UserInfo claims, or none where the provider has no such endpoint.

        Raises InvalidToken when they are about another person (OpenID Connect Core 5.3.2).
        """
        endpoint = self.provider.metadata().userinfo_endpoint
        if endpoint is None:
            return {}
        bearer = {"Authorization": f"Bearer {tokens.access_token}"}
        claims = get_json(self.provider.http, endpoint, bearer)
        if claims.get("sub") != tokens.id_claims["sub"]:
            raise InvalidToken("the UserInfo response is about another person")
        return claims

    def revoke(self, token: str, hint: str = "refresh_token") -> None:
        """Revoke a token (RFC 7009). Does nothing where the provider cannot.

        Raises OAuthError, ProviderUnavailable.
        """
        endpoint = self.provider.metadata().revocation_endpoint
        if endpoint is None:
            return
        form, auth = self._authenticated({"token": token, "token_type_hint": hint})
        try:
            post_form(self.provider.http, endpoint, form, auth)
        except InvalidResponse:
            return  # Success has an empty body (RFC 7009 section 2.2).

    def end_session_url(
        self,
        *,
        id_token_hint: str | None = None,
        post_logout_redirect_uri: str | None = None,
        state: str | None = None,
    ) -> str | None:
        """Where to send the browser to end the session at AuthPage too, or None if it cannot
        (OpenID Connect RP-Initiated Logout 1.0). Raises ProviderUnavailable, InvalidResponse.
        """
        endpoint = self.provider.metadata().end_session_endpoint
        if endpoint is None:
            return None
        parameters = {
            "client_id": self.client_id,
            "id_token_hint": id_token_hint,
            "post_logout_redirect_uri": post_logout_redirect_uri,
            "state": state,
        }
        return _with_query(endpoint, parameters)

    def _check_iss(self, iss: str | None) -> None:
        expected = iss is not None or self.provider.metadata().sends_iss
        if expected and iss != self.provider.issuer:
            raise InvalidResponse("the answer is from another issuer")

    def _token_request(self, **form: str) -> dict[str, Any]:
        body, auth = self._authenticated(form)
        endpoint = self.provider.metadata().token_endpoint
        return post_form(self.provider.http, endpoint, body, auth)

    def _authenticated(self, form: dict[str, str]) -> tuple[dict[str, str], tuple[str, str] | None]:
        if self._client_secret is None:
            return form | {"client_id": self.client_id}, None
        # Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
        return form, (quote_plus(self.client_id), quote_plus(self._client_secret))

    def _token_set(
        self,
        answer: dict[str, Any],
        *,
        nonce: str | None = None,
        before: TokenSet | None = None,
    ) -> TokenSet:
        access_token, id_token = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access_token, str) or str(answer.get("token_type")).lower() != "bearer":
            raise InvalidResponse("the token response has no bearer token")
        id_claims = before.id_claims if before else {}
        if id_token is not None:
            id_claims = verify_id_token(
                str(id_token),
                self.provider,
                self.client_id,
                access_token=access_token,
                nonce=nonce,
                subject=before.id_claims["sub"] if before else None,
            )
        return TokenSet(
            access_token=access_token,
            expires_at=self.provider.clock() + _lifetime(answer),
            scope=str(answer.get("scope", before.scope if before else " ".join(self.scopes))),
            id_claims=id_claims,
            id_token=id_token or (before.id_token if before else None),
            refresh_token=answer.get("refresh_token") or (before.refresh_token if before else None),
        )


def _lifetime(answer: dict[str, Any]) -> float:
    seconds = answer.get("expires_in", DEFAULT_TOKEN_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise InvalidResponse("the token response has no usable lifetime")
    return seconds


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _with_query(endpoint: str, parameters: Mapping[str, str | None]) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"
