"""The provider on Authlib: which grants there are, who the clients are, what an answer looks like.

One object serves one request of one tenant, so nothing of a request lives on anything shared.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidClientError,
    InvalidRequestError,
)

from app.directory.tenants import Tenant
from app.oidc import clients
from app.oidc.clients import RegisteredClient
from app.oidc.grants import CodeGrant, RefreshGrant
from app.oidc.request_rules import RequestRules
from app.oidc.requests import ProviderRequest


@dataclass(frozen=True)
class Answer:
    """An answer that no web framework has touched yet."""

    status: int
    body: Mapping[str, Any] | str
    headers: tuple[tuple[str, str], ...]


class UnsupportedResponseType(OAuth2Error):
    """The `response_type` is none that there is (RFC 6749, section 4.1.2.1)."""

    error = "unsupported_response_type"
    description = "Only the response_type code is supported."


class Provider(AuthorizationServer):
    """Authlib's server for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self.tenant = tenant
        self.register_grant(CodeGrant, [RequestRules()])
        self.register_grant(RefreshGrant)

    def query_client(self, client_id: str) -> RegisteredClient | None:  # type: ignore[override]
        """The active client of this tenant; None when there is none."""
        return clients.find(self.tenant.id, client_id)

    def create_oauth2_request(self, request: ProviderRequest) -> ProviderRequest:
        """The request itself: it never comes from anywhere else."""
        return request

    def get_authorization_grant(self, request: ProviderRequest) -> BaseGrant:  # type: ignore[override]
        """The code grant; raises `UnsupportedResponseType`, to the client only when its redirect
        URI is registered."""
        if request.payload.response_type == "code":
            return super().get_authorization_grant(request)
        client = self.query_client(request.payload.client_id or "")
        if client is None:
            raise InvalidClientError
        uri = CodeGrant.validate_authorization_redirect_uri(request, client)
        if request.payload.response_type is None:
            raise InvalidRequestError("The response_type is missing.", redirect_uri=uri)
        raise UnsupportedResponseType(redirect_uri=uri)

    def check_authorization(self, request: ProviderRequest) -> None:
        """Raise the OAuth error that the authorization request deserves."""
        self.get_consent_grant(request)  # type: ignore[no-untyped-call]

    def get_token_grant(self, request: ProviderRequest) -> BaseGrant:  # type: ignore[override]
        """The grant of the token request; raises the OAuth error for none, or a malformed one."""
        request.refuse_malformed()
        if request.payload.grant_type is None:
            raise InvalidRequestError("The grant_type is missing.")
        return super().get_token_grant(request)

    def authenticate_client(  # type: ignore[override]
        self, request: ProviderRequest, methods: Collection[str], endpoint: str = "token"
    ) -> RegisteredClient:
        """The client that the request proves to come from; raises `InvalidClientError`.

        Two ways of authenticating at once are one too many (RFC 6749, section 2.3).
        """
        headers = request.headers or {}
        if headers.get("Authorization") and request.value("client_secret"):
            raise InvalidClientError("Two ways of client authentication.", status_code=401)
        try:
            client = super().authenticate_client(request, methods, endpoint)
        except ValueError:  # Authlib takes the header apart and decodes it without looking.
            text = "The Authorization header is malformed."
            raise InvalidClientError(text, status_code=401) from None
        assert isinstance(client, RegisteredClient)
        if request.value("client_id") not in (None, client.client_id):
            raise InvalidClientError("The client_id is another client's.", status_code=401)
        return client

    def create_token_response(self, request: ProviderRequest) -> Answer:  # type: ignore[override]
        """The answer of the token endpoint (RFC 6749, section 5), errors included."""
        answer: object
        try:
            answer = super().create_token_response(request)
        except OAuth2Error as error:  # Authlib lets through what get_token_grant raises here.
            answer = self.handle_error_response(request, error)
        assert isinstance(answer, Answer)
        return answer

    def endpoint_answer(self, name: str, request: ProviderRequest) -> Answer:
        """The answer of an endpoint that was registered under `name`, errors included."""
        answer = self.create_endpoint_response(name, request)  # type: ignore[no-untyped-call]
        assert isinstance(answer, Answer)
        return answer

    def handle_response(self, status: int, body: Mapping[str, Any] | str, headers: Any) -> Answer:
        """Authlib's parts of an answer as one value."""
        return Answer(status, body, tuple(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens: what happens is recorded in the audit log."""
