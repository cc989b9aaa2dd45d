"""The provider's endpoints: thin, each a list of what happens."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, request, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from app import cross_origin, tenancy, visitor
from app.database import read, write
from app.directory import clients, sessions
from app.directory.sessions import LiveSession, SignedIn
from app.extensions import limiter
from app.flow.continuation import Authorize
from app.oidc import authorization, documents, logout, prompts, standing, userinfo
from app.oidc.authorization import AuthorizationRequest, ErrorToClient, PageError, SignedInAs
from app.oidc.destination import ToClient
from app.oidc.documents import Document
from app.oidc.logout import LogoutRequest
from app.oidc.prompts import Missing
from app.oidc.requests import ProviderRequest
from app.oidc.revocation import Revocation
from app.oidc.server import Answer, Provider
from app.oidc.userinfo import TokenRefused
from app.pages import leaving, rendering, sign_out, start

blueprint = Blueprint("oidc", __name__)
# Exempt below from the coarse limit of a network address: the server of an app asks for all of its
# users from one address.

_METADATA = (
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
)
_FORM = "application/x-www-form-urlencoded"
_LONGEST_QUERY = 6_000
_CROSS_ORIGIN = frozenset({"oidc.metadata", "oidc.jwks", "oidc.token", "oidc.user", "oidc.revoke"})


@blueprint.get(_METADATA[0])
@blueprint.get(_METADATA[1])
@limiter.exempt
def metadata() -> Response:
    """Discovery, at both well-known addresses."""
    return _document(documents.metadata(tenancy.current()))


@blueprint.get("/oauth2/jwks")
@limiter.exempt
def jwks() -> Response:
    """The public keys."""
    return _document(documents.jwks(tenancy.current()))


@blueprint.route("/oauth2/authorize", methods=["GET", "POST"])
def authorize() -> AnyResponse:
    """The authorization endpoint: a code, a flow, an error to the client, or an error page."""
    _refuse_head()
    if request.method == "POST" and (again := _same_by_get("/oauth2/authorize")):
        return again
    try:
        asked = authorization.parse(tenancy.current(), _parameters())
        return _answer(asked)
    except PageError as error:
        return rendering.error_page(error.text, status=400)
    except ErrorToClient as error:
        return _leave(error.to_client())


@blueprint.post("/oauth2/token")
@limiter.exempt
def token() -> Response:
    """The token endpoint."""
    return _plain(Provider(tenancy.current()).create_token_response(_from_client()))


@blueprint.post("/oauth2/revoke")
@limiter.exempt
def revoke() -> Response:
    """The revocation endpoint. Its answer has no body and so no type: some clients insist."""
    provider = Provider(tenancy.current())
    provider.register_endpoint(Revocation)
    response = _plain(provider.endpoint_answer("revocation", _from_client()))
    if response.status_code == 200:
        del response.headers["Content-Type"]
    return response


@blueprint.route("/oauth2/userinfo", methods=["GET", "POST"])
@limiter.exempt
def user() -> Response:
    """The userinfo endpoint (OpenID Connect Core, section 5.3)."""
    presented = _bearer_token()
    if presented is None:
        return _challenge(401, None)
    try:
        return _uncached(jsonify(userinfo.of_token(tenancy.current(), presented)))
    except TokenRefused as refused:
        return _challenge(refused.status, refused.error)


@blueprint.route("/oauth2/logout", methods=["GET", "POST"])
def end_session() -> AnyResponse:
    """RP-initiated logout; asks the person unless an ID token of theirs comes along."""
    _refuse_head()
    is_confirmed = request.method == "POST" and "csrf_token" in request.form
    if is_confirmed:
        _demand_own_form()
    elif request.method == "POST" and (again := _same_by_get("/oauth2/logout")):
        return again
    incoming = ProviderRequest("GET", _only(_parameters(), logout.PARAMETERS))
    try:
        asked = logout.parse(tenancy.current(), incoming)
    except OAuth2Error:
        return rendering.error_page("problem.bad_request", status=400)
    browser = visitor.signed_in()
    live = browser.everybody if browser else ()
    if asked.needs_confirmation(live) and not is_confirmed:
        return _confirmation(asked, incoming)
    ended = _end(asked, live)
    return sign_out.at_provider(ended, asked.return_url) or _signed_out(asked)


@blueprint.after_request
def allow_registered_origins(response: Response) -> Response:
    """CORS where a browser's own code may call us; never at the authorization endpoint."""
    if request.endpoint not in _CROSS_ORIGIN:
        return response
    return cross_origin.allow_registered_origins(response)


def _answer(asked: AuthorizationRequest) -> AnyResponse:
    tenant, browser = tenancy.current(), visitor.signed_in()
    live = prompts.choose_session(asked, tenant.settings, browser.sessions if browser else ())
    if live is Missing.LOGIN and browser and _stays_anonymous(asked, browser):
        live = prompts.choose_session(asked, tenant.settings, browser.everybody)
    if isinstance(live, Missing):
        address = prompts.known_address(asked, browser.sessions if browser else ())
        return _ask(asked, live, None, address if live is Missing.LOGIN else None)
    with read(tenant.id) as session:
        known = standing.load(session, tenant, asked, live)
    missing = prompts.missing(asked, tenant.settings, known, live)
    organization = prompts.organization_of(asked, tenant.settings, known)
    if missing or isinstance(organization, Missing):
        return _ask(asked, missing[0], live)
    signed = SignedInAs(live.user_id, live.id, live.auth_time, live.amr, live.acr, organization)
    with write(tenant.id) as session:
        code = authorization.issue_code(
            session, tenant, asked, signed=signed, scopes=asked.scopes_to_allow
        )
        if live.needs_touch:
            sessions.touch(session, visitor.acting(live.user_id), tenant, live)
    return _leave(authorization.answer(asked, code))


def _stays_anonymous(asked: AuthorizationRequest, browser: SignedIn) -> bool:
    """Whether an anonymous user may answer: only where nobody else is here, and nobody is asked,
    since everybody else who comes to be asked wants to sign in."""
    is_silent = "none" in asked.prompts and asked.client.allows_anonymous
    return is_silent and not browser.sessions and browser.anonymous is not None


def _leave(answer: ToClient) -> AnyResponse:
    """On to the client, whose name stands on the page that says so."""
    client_id, *_ = _parameters().get("client_id", [""])
    client = clients.get(tenancy.current().id, client_id)
    name = client.name if client else ""
    return leaving.to_client(answer, after_post=request.method == "POST", client_name=name)


def _ask(
    asked: AuthorizationRequest,
    missing: Missing,
    live: LiveSession | None,
    address: str | None = None,
) -> AnyResponse:
    if "none" in asked.prompts:
        raise asked.refusal(missing.value)
    continuation, demands = Authorize(payload=asked.payload), prompts.asked(asked)
    if missing is Missing.ACCOUNT:
        demands = demands.model_copy(update={"choose_account": True})
    return start.begin(prompts.flow_kind(asked), continuation, demands, live, hint=address)


def _confirmation(asked: LogoutRequest, incoming: ProviderRequest) -> Response:
    name = asked.client.name if asked.client else None
    title = rendering.translate("sign_out.confirm.title")
    return rendering.page(
        "sign_out/confirm.html",
        title=title,
        client_name=name,
        fields=incoming.form,
        stay_url=url_for("account.home"),
    )


def _end(asked: LogoutRequest, live: Sequence[LiveSession]) -> list[str]:
    """End the sessions that the hint is about, or without one everybody's on this browser; their
    ids."""
    ending = asked.sessions_of(live) or live
    if not ending:
        return []
    with write(tenancy.current().id) as session:
        for each in ending:
            sessions.end(session, visitor.acting(each.user_id), each.id, sessions.SIGNED_OUT)
    visitor.forget_running_flows()
    return [each.id for each in ending]


def _signed_out(asked: LogoutRequest) -> AnyResponse:
    if asked.return_url is None:
        return sign_out.done()
    name = asked.client.name if asked.client else ""
    return leaving.to_url(asked.return_url, after_post=request.method == "POST", name=name)


def _demand_own_form() -> None:
    visitor.refuse_other_sites()
    try:
        validate_csrf(request.form["csrf_token"])
    except ValidationError:
        abort(403)


def _document(document: Document) -> Response:
    response = make_response(document.body)
    response.content_type = "application/json"
    response.headers["Cache-Control"] = f"public, max-age={documents.LIVES}"
    response.set_etag(document.etag)
    response.make_conditional(request)
    return response


def _refuse_head() -> None:
    """HEAD asks without wanting anything to happen, and here much would."""
    if request.method == "HEAD":
        abort(405)


def _parameters() -> Mapping[str, Sequence[str]]:
    return (request.form if request.method == "POST" else request.args).to_dict(flat=False)


def _only(
    parameters: Mapping[str, Sequence[str]], names: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    return {name: values for name, values in parameters.items() if name in names}


def _same_by_get(path: str) -> AnyResponse | None:
    """The same request by GET: a form that another site posts comes without our cookies, and after
    a 303 they are back. None when it would be too long for a URL."""
    query = urlencode(request.form.to_dict(flat=False), doseq=True)
    if len(query) > _LONGEST_QUERY:
        return None
    return redirect(f"{tenancy.current().base_url}{path}?{query}", 303)


def _from_client() -> ProviderRequest:
    """A request from a client's server: parameters count in the form alone (RFC 6749, 2.3.1)."""
    parameters = request.form.to_dict(flat=False) if request.mimetype == _FORM else {}
    return ProviderRequest("POST", parameters, dict(request.headers), visitor.actor())


def _plain(answer: Answer) -> Response:
    response = jsonify(answer.body) if isinstance(answer.body, dict) else make_response(answer.body)
    response.status_code = answer.status
    response.headers.update(answer.headers)
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _bearer_token() -> str | None:
    """The token in the header, or in the form (RFC 6750, section 2); None for none or for two."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    in_header = value.strip() if scheme.lower() == "bearer" else None
    in_form = request.form.get("access_token") if request.method == "POST" else None
    return (in_header or in_form) if not (in_header and in_form) else None


def _challenge(status: int, error: str | None) -> Response:
    """The challenge of RFC 6750, section 3."""
    response = jsonify({"error": error} if error else {})
    response.status_code = status
    response.headers["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    return _uncached(response)
