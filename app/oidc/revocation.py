"""Token revocation (RFC 7009)."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from app.audit import events
from app.audit.log import record
from app.database import write
from app.directory.tenants import Tenant
from app.oidc import families, refresh_tokens, tokens
from app.oidc.clients import RegisteredClient
from app.oidc.grants import AUTH_METHODS
from app.oidc.requests import ProviderRequest


class Revocation(RevocationEndpoint):
    """Ends the family of the token that a client gives back: with a refresh token go its access
    tokens, and with an access token its refresh token (RFC 7009, section 2.1 allows both)."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def create_endpoint_response(  # type: ignore[override]
        self, request: ProviderRequest
    ) -> tuple[int, str, list[tuple[str, str]]]:
        """200 with nothing in it, whether there was something to revoke or not; raises the OAuth
        error for a client that is not authenticated or sends no token."""
        request.refuse_malformed()
        client = self.authenticate_endpoint_client(request)  # type: ignore[no-untyped-call]
        assert isinstance(client, RegisteredClient)
        token = request.value("token")
        if token is None:
            raise InvalidRequestError("The token is missing.")
        family_id = self._family_of(token)
        if family_id is not None:
            self._revoke(family_id, client, request)
        return 200, "", []

    def _family_of(self, token: str) -> str | None:
        parsed = refresh_tokens.parse(self._tenant, token)
        if parsed is not None:
            return parsed.family_id
        access = tokens.read_access_token(self._tenant, token)
        return access.family_id if access else None

    def _revoke(self, family_id: str, client: RegisteredClient, request: ProviderRequest) -> None:
        with write(self._tenant.id) as session:
            user_id = families.revoke(session, family_id, client.client_id, "revoked")
            if user_id is None:
                return
            record(
                session,
                events.TOKEN_REVOKED,
                families.client_actor(client.client_id, request.requester),
                subject_id=user_id,
                targets=[("client", client.client_id), ("family", family_id)],
            )

    @property
    def _tenant(self) -> Tenant:
        tenant = self.server.tenant
        assert isinstance(tenant, Tenant)
        return tenant
