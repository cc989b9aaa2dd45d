"""Sign-out that a client asks for (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Sequence
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidRequestError

from app.directory.clients import ClientView
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.oidc import clients, hints
from app.oidc.destination import with_query
from app.oidc.hints import Hint
from app.oidc.requests import ProviderRequest

PARAMETERS = (
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
)


@dataclass(frozen=True)
class LogoutRequest:
    """A request that was looked at: whom it is about, and where the browser may go afterwards."""

    client: ClientView | None
    hint: Hint | None
    return_url: str | None
    """A registered URI with the state; None unless a hint of ours vouches for the client."""

    def sessions_of(self, sessions: Sequence[LiveSession]) -> list[LiveSession]:
        """The sessions that the hint is about: its user's on this browser."""
        if self.hint is None:
            return []
        return [each for each in sessions if each.user_id == self.hint.subject]

    def needs_confirmation(self, sessions: Sequence[LiveSession]) -> bool:
        """Whether the person must confirm: somebody is signed in, and the request does not prove
        that it comes from an app of theirs (section 6)."""
        return bool(sessions) and not self.sessions_of(sessions)


def parse(tenant: Tenant, request: ProviderRequest) -> LogoutRequest:
    """The logout request; raises `InvalidRequestError` for a hint or client that is not right, upon
    which nobody is signed out or sent anywhere (section 4)."""
    request.refuse_malformed()
    client_id, text = request.value("client_id"), request.value("id_token_hint")
    hint = hints.read(tenant, text, client_id=client_id) if text else None
    wanted = hint.client_id if hint else client_id
    client = clients.find(tenant.id, wanted) if wanted else None
    if wanted and client is None:
        raise InvalidRequestError("The client is not known.")
    view = client.view if client else None
    return LogoutRequest(view, hint, _return_url(request, view) if hint else None)


def _return_url(request: ProviderRequest, client: ClientView | None) -> str | None:
    uri, state = request.value("post_logout_redirect_uri"), request.value("state")
    if uri is None:
        return None
    if client is None or uri not in client.post_logout_redirect_uris:
        raise InvalidRequestError("The post_logout_redirect_uri is not registered.")
    return with_query(uri, {"state": state} if state else {})
