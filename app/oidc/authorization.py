"""Authorization requests: read, answered with a code, or refused (OpenID Connect Core, 3.1.2).

A request is read twice: when it comes in, and again from what was stored of it when a flow has
finished, so that a client or redirect URI removed meanwhile gets nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from app.actor import Actor
from app.database import Session
from app.directory import grants
from app.directory.clients import ClientView
from app.directory.tenants import Tenant
from app.flow import assurance
from app.flow.assurance import level_of
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
    "sensitive_action",
)
"""The parameters that count; unknown ones are ignored (RFC 6749, section 3.1)."""
_PAGES = {
    "unknown_client": "fault.unknown_client",
    "bad_redirect": "fault.bad_redirect",
    "bad_request": "fault.bad_request",
}


class UnmetRequirements(OAuth2Error):
    """Nobody can be proven as the client insists (OpenID Connect Core Error Code
    unmet_authentication_requirements 1.0)."""

    error = "unmet_authentication_requirements"


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
    """Seconds; for a sensitive action at most what the tenant calls recent."""
    login_hint: str | None
    ui_locales: tuple[str, ...]
    organization: str | None
    """Id or slug of the organization to act for."""
    nonce: str | None
    code_challenge: str | None
    acr: tuple[str, ...]
    """The authentication context classes of which one will do, of those that there are; empty
    where any will."""
    essential_acr: bool
    """Whether nothing weaker will do."""
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
    merged_from: str | None = None
    """The anonymous user that the person was until this sign-in."""


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
            acr=_told(request, signed.acr),
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            merged_from=signed.merged_from,
        ),
    )


def answer(request: AuthorizationRequest, code: str) -> ToClient:
    """The code on its way to the client."""
    return request.destination.answer({"code": code})


def _parsed(tenant: Tenant, request: ProviderRequest) -> AuthorizationRequest:
    client = request.client
    assert isinstance(client, RegisteredClient)
    claims = claims_request.parse(request.value("claims"))
    acr, is_essential = _acr(tenant, request, claims)
    return AuthorizationRequest(
        payload={name: value for name, value in request.form.items() if name in _KEPT},
        client=client.view,
        redirect_uri=request.payload.redirect_uri,
        response_mode=request_rules.response_mode(request),
        state=request.value("state"),
        scopes=tuple(request.scope.split()),
        prompts=request_rules.prompts(request),
        max_age=_max_age(tenant, request),
        login_hint=request.value("login_hint"),
        ui_locales=_words(request, "ui_locales"),
        organization=request.value("organization"),
        nonce=request.value("nonce"),
        code_challenge=request.value("code_challenge"),
        acr=acr,
        essential_acr=is_essential,
        claims=claims.within(client.scopes),
        subject=_subject(tenant, request, claims),
        issuer=tenant.issuer,
    )


def _acr(
    tenant: Tenant, request: ProviderRequest, claims: ClaimsRequest
) -> tuple[tuple[str, ...], bool]:
    """The classes that are asked for, and whether one of them is essential."""
    possible = assurance.possible(tenant.settings.methods)
    wanted = claims.acr or _words(request, "acr_values")
    known, is_essential = tuple(each for each in wanted if each in possible), bool(claims.acr)
    if _is_sensitive(tenant, request):
        strong = tuple(each for each in known if level_of(each) >= 2)
        known, is_essential = strong or possible[1:], True
    if is_essential and not known:
        raise _for_client(request, UnmetRequirements("Nobody can be proven to this acr."))
    return known, is_essential


def _max_age(tenant: Tenant, request: ProviderRequest) -> int | None:
    asked = request_rules.max_age(request)
    if not _is_sensitive(tenant, request):
        return asked
    recent = tenant.settings.policy.recent_sign_in
    return recent if asked is None else min(asked, recent)


def _is_sensitive(tenant: Tenant, request: ProviderRequest) -> bool:
    """Whether one of the tenant's sensitive actions is to follow; raises `InvalidRequestError` for
    an action that the tenant does not know."""
    action = request.value("sensitive_action")
    if action is None:
        return False
    if action not in tenant.settings.policy.sensitive_actions:
        raise _for_client(request, InvalidRequestError("There is no such sensitive_action."))
    return True


def _told(request: AuthorizationRequest, reached: str | None) -> str | None:
    """The class that the tokens name: what was reached, or where a weaker one is essential, the
    strongest of those that it includes (OpenID Connect Core, section 5.5.1.1)."""
    if not request.essential_acr or reached in request.acr:
        return reached
    within = [each for each in request.acr if level_of(each) <= level_of(reached)]
    return max(within, key=level_of, default=reached)


def _for_client(request: ProviderRequest, error: OAuth2Error) -> OAuth2Error:
    """The error, bound for the redirect URI, which is trusted by now."""
    error.redirect_uri = request.payload.redirect_uri
    return error


def _subject(tenant: Tenant, request: ProviderRequest, claims: ClaimsRequest) -> str | None:
    hint = request.value("id_token_hint")
    if hint is None:
        return claims.subject
    try:
        found = hints.read(tenant, hint, client_id=request.payload.client_id)
    except OAuth2Error as error:
        raise _for_client(request, error) from None
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
