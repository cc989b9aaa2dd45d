"""The two grants of the token endpoint. Authlib dispatches, authenticates the client and renders
errors; what a code or a refresh token is worth is decided here, in one transaction.

Signing comes after the commit: it takes a thousand times as long as the statements.
"""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    BaseGrant,
    RefreshTokenGrant,
)

from app.audit import events
from app.audit.log import record
from app.database import Session, write
from app.directory.tenants import Tenant
from app.oidc import codes, families, refresh_tokens, tokens
from app.oidc.clients import RegisteredClient
from app.oidc.codes import Code, WrongSecret
from app.oidc.families import Family
from app.oidc.refresh_tokens import Refused
from app.oidc.request_rules import ProofKey
from app.oidc.requests import ProviderRequest

TokenAnswer = tuple[int, dict[str, Any], list[tuple[str, str]]]
AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

_ERRORS: dict[str, type[OAuth2Error]] = {
    "invalid_grant": InvalidGrantError,
    "invalid_scope": InvalidScopeError,
    "access_denied": AccessDeniedError,
}


class BadRedirect(OAuth2Error):
    """The redirect URI is missing or not registered; shown on a page, never sent anywhere."""

    error = "bad_redirect"


class CodeGrant(AuthorizationCodeGrant):
    """`authorization_code` (RFC 6749, section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    request: ProviderRequest
    family: Family
    code: Code

    @staticmethod
    def validate_authorization_redirect_uri(
        request: ProviderRequest,  # type: ignore[override]
        client: RegisteredClient,  # type: ignore[override]
    ) -> str:
        """The redirect URI when it is registered; raises `BadRedirect`."""
        uri = request.value("redirect_uri")
        if uri is None or not client.check_redirect_uri(uri):
            raise BadRedirect
        return uri

    def validate_token_request(self) -> None:
        """Redeem the code, once; raises the OAuth error that the request deserves.

        A code that comes with a wrong verifier or redirect URI is spent all the same. One that its
        own client has spent before ends what was made of it (RFC 6749, section 4.1.2).
        """
        client = authenticated(self)
        presented = self.request.value("code")
        if presented is None:
            raise InvalidRequestError("The code is missing.")
        tenant = tenant_of(self)
        try:
            refusal = self._redeem(tenant, client, presented)
        except WrongSecret:
            refusal = InvalidGrantError("The code is not valid.")
        if refusal is not None:
            raise refusal

    def create_token_response(self) -> TokenAnswer:  # type: ignore[override]
        """The tokens of the family that was opened."""
        client = _client(self)
        refresh_token = None
        if client.check_grant_type("refresh_token"):
            refresh_token = refresh_tokens.token_of(self.family)
        content, family = self.code.content, self.family
        body = tokens.response(
            tenant_of(self),
            client.view,
            family,
            family.scopes,
            refresh_token,
            content.nonce,
            content.merged_from,
        )
        return 200, body, [*self.TOKEN_RESPONSE_HEADER]

    def _redeem(
        self, tenant: Tenant, client: RegisteredClient, presented: str
    ) -> OAuth2Error | None:
        with write(tenant.id) as session:
            code = codes.consume(session, tenant, client.client_id, presented)
            refusal = self._mismatch(code) if code else InvalidGrantError("The code is not valid.")
            if code is not None and refusal is None:
                refusal = self._open(session, tenant, client, code)
        if code is None:
            self._end_reused(tenant, client, presented)
        return refusal

    def _mismatch(self, code: Code) -> OAuth2Error | None:
        if self.request.payload.redirect_uri != code.content.redirect_uri:
            return InvalidGrantError("The redirect_uri is not that of the authorization request.")
        self.request.authorization_code = code
        try:
            ProofKey().validate_code_verifier(self, None)
        except OAuth2Error as error:
            return error
        return None

    def _open(
        self, session: Session, tenant: Tenant, client: RegisteredClient, code: Code
    ) -> OAuth2Error | None:
        refreshable = client.check_grant_type("refresh_token")
        family = families.open_family(session, tenant, code, refreshable=refreshable)
        if family is None:
            return InvalidGrantError("The user may no longer sign in.")
        self.family, self.code = family, code
        return None

    def _end_reused(self, tenant: Tenant, client: RegisteredClient, presented: str) -> None:
        family_id = codes.spent_family(tenant, client.client_id, presented)
        if family_id is None:
            return
        with write(tenant.id) as session:
            user_id = families.revoke(session, family_id, client.client_id, "code_reused")
            record(
                session,
                events.CODE_REUSED,
                families.client_actor(client.client_id, self.request.requester),
                subject_id=user_id,
                targets=[("client", client.client_id), ("family", family_id)],
            )


class RefreshGrant(RefreshTokenGrant):
    """`refresh_token` (RFC 6749, section 6; rotation of RFC 9700, section 4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    request: ProviderRequest
    family: Family
    scopes: tuple[str, ...]

    def validate_token_request(self) -> None:
        """Rotate the token; raises the OAuth error that the request deserves."""
        client = authenticated(self)
        presented = self.request.value("refresh_token")
        if presented is None:
            raise InvalidRequestError("The refresh_token is missing.")
        try:
            self.family, self.scopes = refresh_tokens.refresh(
                tenant_of(self),
                client.client_id,
                presented,
                self.request.requester,
                scope=self.request.value("scope"),
                organization=self.request.value("organization"),
            )
        except Refused as refused:
            raise _ERRORS[refused.error](refused.description) from None

    def create_token_response(self) -> TokenAnswer:  # type: ignore[override]
        """The tokens of the next generation. The ID token has no nonce: it answers no
        authentication request (OpenID Connect Core, section 12.2)."""
        refresh_token = refresh_tokens.token_of(self.family)
        body = tokens.response(
            tenant_of(self), _client(self).view, self.family, self.scopes, refresh_token
        )
        return 200, body, [*self.TOKEN_RESPONSE_HEADER]


def authenticated(grant: BaseGrant) -> RegisteredClient:
    """The client of a token request; raises `InvalidClientError`, and `UnauthorizedClientError`
    when it is not registered for the grant."""
    client = grant.authenticate_token_endpoint_client()
    if not client.check_grant_type(str(grant.GRANT_TYPE)):
        raise UnauthorizedClientError("The client may not use this grant_type.")
    grant.request.client = client
    return _client(grant)


def tenant_of(grant: BaseGrant) -> Tenant:
    """The tenant whose server the grant works for."""
    tenant = grant.server.tenant
    assert isinstance(tenant, Tenant)
    return tenant


def _client(grant: BaseGrant) -> RegisteredClient:
    assert isinstance(grant.request.client, RegisteredClient)
    return grant.request.client
