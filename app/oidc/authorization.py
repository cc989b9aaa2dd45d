"""Authorization requests: read, answered with a code, or refused (OpenID Connect Core, 3.1.2).

A request is read twice: when it comes in, and again from what was stored of it when a flow has
finished, so that a client or redirect URI removed meanwhile gets nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error

from app.actor import Actor
from app.database import Session
from app.directory import grants
from app.directory.clients import ClientView
from app.directory.tenants import Tenant
from app.oidc import claims_request, codes, hints, request_rules
from app.oidc.claims_request import ClaimsRequest
from app.oidc.clients import RegisteredClient
from app.oidc.destination import Destination, ToClient
from app.oidc.requests import Parameters, ProviderRequest
from app.oidc.server import Provider

_KEPT = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "acr_values",
    "claims",
    "organization",
)
"""The parameters that count; unknown ones are ignored (RFC 6749, section 3.1)."""
_PAGES = {
    "unknown_client": "fault.unknown_client",
    "bad_redirect": "fault.bad_redirect",
    "bad_request": "fault.bad_request",
}


class PageError(Exception):
    """The request cannot be answered to the client, because its redirect URI is not trusted.

    `code` is `unknown_client`, `bad_redirect` or `bad_request`; `text` begins the ids of the page's
    texts.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = _PAGES[code]


class ErrorToClient(Exception):
    """A refusal that the client is told (RFC 6749, section 4.1.2.1)."""

    def __init__(self, destination: Destination, error: str, description: str = "") -> None:
        super().__init__(error)
        self.destination = destination
        self.error = error
        self.description = description

    def to_client(self) -> ToClient:
        """The refusal on its way."""
        return self.destination.answer(
            {"error": self.error, "error_description": self.description or None}
        )


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request whose client, redirect URI and parameters are all in order."""

    payload: dict[str, str]
    """The parameters that count, as they came; `read_again` takes them."""
    client: ClientView
    redirect_uri: str
    response_mode: str
    state: str | None
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    max_age: int | None
    """Seconds."""
    login_hint: str | None
    ui_locales: tuple[str, ...]
    organization: str | None
    """Id or slug of the organization to act for."""
    nonce: str | None
    code_challenge: str | None
    acr_values: tuple[str, ...]
    claims: ClaimsRequest
    subject: str | None
    """The user that `id_token_hint` or the `claims` parameter names; nobody else will do."""
    issuer: str

    @property
    def destination(self) -> Destination:
        """Where its answer goes."""
        return Destination(self.redirect_uri, self.response_mode, self.state, self.issuer)

    @property
    def scopes_to_allow(self) -> tuple[str, ...]:
        """What the person is asked to allow: the scopes, and those of claims asked for by name."""
        return tuple(dict.fromkeys((*self.scopes, *self.claims.scopes)))

    @property
    def is_client_assured(self) -> bool:
        """Whether nobody else can pose as this client: it has a secret, or its redirect URI is on
        the web. Where not, an earlier consent says nothing about who asks now (RFC 8252, 8.6)."""
        return self.client.auth_method != "none" or self.redirect_uri.startswith("https://")

    def refusal(self, error: str, description: str = "") -> ErrorToClient:
        """This error, on its way to the client."""
        return ErrorToClient(self.destination, error, description)


@dataclass(frozen=True)
class SignedInAs:
    """Who is signed in, and how, when a code is issued."""

    user_id: str
    session_id: str | None
    """None for a native client that has no browser session."""
    auth_time: int
    """Milliseconds."""
    amr: tuple[str, ...]
    acr: str | None
    organization_id: str | None


def parse(tenant: Tenant, parameters: Parameters) -> AuthorizationRequest:
    """The authorization request that these parameters make.

    Raises `PageError` before the redirect URI is trusted and `ErrorToClient` after. Reads only what
    is cached.
    """
    request = ProviderRequest("GET", parameters)
    try:
        request.refuse_malformed()
        Provider(tenant).check_authorization(request)
        return _parsed(tenant, request)
    except OAuth2Error as error:
        raise _refusal(tenant, request, error) from None


def read_again(tenant: Tenant, payload: Mapping[str, str]) -> AuthorizationRequest:
    """The request whose `payload` was stored; raises as `parse` does."""
    return parse(tenant, {name: [value] for name, value in payload.items()})


def issue_code(
    session: Session,
    tenant: Tenant,
    request: AuthorizationRequest,
    *,
    signed: SignedInAs,
    scopes: tuple[str, ...],
) -> str:
    """A code for the request, inside the caller's transaction; for a third party also the grant
    that its tokens belong to. `scopes` are those of `request.scopes_to_allow` that the person
    allowed; for a first party, all of them."""
    allowed = frozenset(scopes)
    return codes.issue(
        session,
        tenant,
        codes.Content(
            client_id=request.client.id,
            user_id=signed.user_id,
            session_id=signed.session_id,
            grant_id=_grant_id(session, request, signed, scopes),
            organization_id=signed.organization_id,
            redirect_uri=request.redirect_uri,
            scopes=tuple(scope for scope in request.scopes if scope in allowed),
            claims=request.claims.within(allowed),
            auth_time=signed.auth_time,
            amr=signed.amr,
            acr=signed.acr,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
        ),
    )


def answer(request: AuthorizationRequest, code: str) -> ToClient:
    """The code on its way to the client."""
    return request.destination.answer({"code": code})


def _parsed(tenant: Tenant, request: ProviderRequest) -> AuthorizationRequest:
    client = request.client
    assert isinstance(client, RegisteredClient)
    claims = claims_request.parse(request.value("claims"))
    return AuthorizationRequest(
        payload={name: value for name, value in request.form.items() if name in _KEPT},
        client=client.view,
        redirect_uri=request.payload.redirect_uri,
        response_mode=request_rules.response_mode(request),
        state=request.value("state"),
        scopes=tuple(request.scope.split()),
        prompts=request_rules.prompts(request),
        max_age=request_rules.max_age(request),
        login_hint=request.value("login_hint"),
        ui_locales=_words(request, "ui_locales"),
        organization=request.value("organization"),
        nonce=request.value("nonce"),
        code_challenge=request.value("code_challenge"),
        acr_values=_words(request, "acr_values"),
        claims=claims.within(client.scopes),
        subject=_subject(tenant, request, claims),
        issuer=tenant.issuer,
    )


def _subject(tenant: Tenant, request: ProviderRequest, claims: ClaimsRequest) -> str | None:
    hint = request.value("id_token_hint")
    if hint is None:
        return claims.subject
    try:
        found = hints.read(tenant, hint, client_id=request.payload.client_id)
    except OAuth2Error as error:
        error.redirect_uri = request.payload.redirect_uri
        raise
    return found.subject


def _grant_id(
    session: Session, request: AuthorizationRequest, signed: SignedInAs, scopes: tuple[str, ...]
) -> str | None:
    if request.client.is_first_party:
        return None
    actor = Actor("user", signed.user_id)
    return grants.remember(session, actor, signed.user_id, request.client.id, scopes).id


def _words(request: ProviderRequest, name: str) -> tuple[str, ...]:
    return tuple((request.value(name) or "").split())


def _refusal(
    tenant: Tenant, request: ProviderRequest, error: OAuth2Error
) -> PageError | ErrorToClient:
    if not error.redirect_uri:
        known = {"invalid_client": "unknown_client", "bad_redirect": "bad_redirect"}
        return PageError(known.get(str(error.error), "bad_request"))
    destination = Destination(
        redirect_uri=error.redirect_uri,
        response_mode=request_rules.response_mode(request),
        state=request.value("state"),
        issuer=tenant.issuer,
    )
    return ErrorToClient(destination, str(error.error), error.get_error_description())
