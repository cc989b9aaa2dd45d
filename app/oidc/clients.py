"""Registered clients in the form in which Authlib asks them."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin

from app.directory import clients
from app.directory.clients import SCOPES, ClientView

_SECRET_METHODS = ("client_secret_basic", "client_secret_post")


class RegisteredClient(ClientMixin):
    """A client that Authlib may question; what it says comes from the registration alone."""

    def __init__(self, view: ClientView) -> None:
        self.view = view

    @property
    def client_id(self) -> str:
        """The `client_id` of RFC 6749, section 2.2."""
        return self.view.id

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749, section 2.1)."""
        return self.view.is_public

    @property
    def client_metadata(self) -> Mapping[str, Any]:
        """The registration values that Authlib's endpoints read by name (RFC 7591)."""
        return {"post_logout_redirect_uris": [*self.view.post_logout_redirect_uris]}

    def get_client_id(self) -> str:
        """The `client_id`."""
        return self.view.id

    def get_default_redirect_uri(self) -> str | None:  # type: ignore[override]
        """None: the redirect URI must always be sent (OpenID Connect Core, section 3.1.2.1)."""
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:  # type: ignore[override]
        """Those of the requested scopes that the client may have, in their order; None for none.

        Others are ignored, as OpenID Connect Core, section 3.1.2.1, wants it.
        """
        known = [name for name in dict.fromkeys((scope or "").split()) if name in self.scopes]
        return " ".join(known) or None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that it may ask for; `offline_access` goes with the refresh_token grant."""
        allowed = frozenset(self.view.scopes) & frozenset(SCOPES)
        if "refresh_token" in self.view.grant_types:
            return allowed
        return allowed - {"offline_access"}

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether the URI is registered, character by character (RFC 9700, section 2.1)."""
        return redirect_uri in self.view.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is one of the client's live secrets."""
        return clients.check_secret(self.view, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client may authenticate so: a secret in the header or in the body, as it
        likes; without one only if it is public by kind and by registration."""
        if method == "none":
            return self.is_public and self.view.auth_method == "none"
        return method in _SECRET_METHODS and self.view.auth_method in _SECRET_METHODS

    def check_response_type(self, response_type: str) -> bool:
        """Only `code`, whatever the registration says."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it is registered for the grant."""
        return grant_type in self.view.grant_types


def find(tenant_id: str, client_id: str) -> RegisteredClient | None:
    """The active client of this id in this tenant; None when there is none."""
    view = clients.get(tenant_id, client_id)
    return RegisteredClient(view) if view and view.is_active else None
