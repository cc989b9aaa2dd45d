"""The JSON renderer of flows: the same engine as the pages, no cookie, a token a flow.

A client that draws the flow by itself starts it here, or takes over one that began at the
authorization endpoint, and sends actions until it gets `go_to`: a URL of ours that its user's
browser opens for the session and the way back.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from app import clock, completion, cross_origin, language, tenancy, visitor
from app.completion import Completed, NoLongerAllowed, Ticket
from app.database import write
from app.flow import engine, envelope, handover, store
from app.flow.asked import Asked
from app.flow.continuation import Authorize
from app.flow.engine import Complete, Turn
from app.flow.envelope import Opening
from app.flow.outcome import Finished, GoTo, Outcome, Refuse, Show, Wrong
from app.flow.run import Flow, Kind, Run
from app.flow.steps import invited
from app.headless import anonymous, invitations, openapi
from app.headless.body import Answer, Start, TakeOver, read
from app.headless.problems import problem
from app.headless.rendering import Json, JsonRenderer, moment
from app.oidc import authorization, prompts
from app.oidc.authorization import AuthorizationRequest, ErrorToClient, PageError
from app.security import keyring, random_token

blueprint = Blueprint("headless", __name__, url_prefix="/headless/v1")
blueprint.after_request(cross_origin.allow_registered_origins)


@blueprint.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document of this API, made from the screens and methods of the tenant."""
    return jsonify(openapi.document(tenancy.current()))


@blueprint.post("/flows")
def start() -> Response:
    """Start a flow for an authorization request; answers with its token, given once."""
    body = read(Start)
    asked = _authorization(body.authorize)
    if body.response == "code" and asked.client.kind != "native":
        raise problem("client_not_allowed", "Only native clients take the code as JSON.")
    continuation = Authorize(payload=asked.payload, answer_as=body.response)
    if body.anonymous:
        run, result = anonymous.mint(asked, continuation, language.current_locale())
        return _json(_finished(run, result), 201)
    demands = prompts.asked(asked)
    if body.anonymous_token is not None:
        known = anonymous.of_token(asked, body.anonymous_token)
        demands = demands.model_copy(update={"anonymous_id": known})
    kind: Kind = body.kind or prompts.flow_kind(asked)
    if body.invitation is not None:
        found = invitations.opened(body.invitation.id, body.invitation.token)
        accepts = {"invitation": invited.invited_by(found), "login_hint": found.email}
        demands = demands.model_copy(update=accepts)
        kind = body.kind or invited.kind_for(tenancy.current(), found.email)
    return _begin(kind, continuation, demands)


@blueprint.post("/flows/<flow_id>/take-over")
def take_over(flow_id: str) -> Response:
    """Go on with a flow that the authorization endpoint sent to the client's own UI."""
    body = read(TakeOver)
    begun = _begun(flow_id, body.request)
    if begun is None or not isinstance(begun.continuation, Authorize):
        raise problem("flow_unknown")
    if begun.expires_at <= clock.now():
        raise problem("flow_expired")
    _authorization(begun.continuation.payload)
    continuation = begun.continuation.model_copy(update={"browser": begun.binding})
    return _begin(begun.kind, continuation, begun.asked)


@blueprint.get("/flows/<flow_id>")
def show(flow_id: str) -> Response:
    """The screen that the flow is at."""
    run = _run(flow_id)
    return _answered(run, Turn(engine.show(run), run.flow))


@blueprint.post("/flows/<flow_id>")
def answer(flow_id: str) -> Response:
    """One action on that screen."""
    run, body = _run(flow_id), read(Answer)
    complete: Complete = completion.code_only if _takes_code(run.flow) else completion.ticket
    try:
        turn = engine.answer(run, body.action, body.answers(), complete, seen=body.screen)
    except NoLongerAllowed:
        raise problem("account_disabled") from None
    if turn.flow.is_finished and not isinstance(turn.outcome, Finished):
        raise problem("flow_finished")
    return _answered(run, turn)


def _begun(flow_id: str, request_text: str | None) -> Flow | None:
    """The flow that the browser began: in its envelope, or in a row when that would be too long."""
    tenant = tenancy.current()
    if request_text is not None:
        return envelope.open_(tenant, flow_id, request_text)
    flow = store.load(tenant.id, flow_id)
    return None if flow is None or flow.is_headless or flow.is_finished else flow


def _begin(kind: Kind, continuation: Authorize, asked: Asked) -> Response:
    tenant, token = tenancy.current(), random_token()
    opening = Opening(kind, continuation, asked, _binding(token))
    flow = replace(envelope.start(tenant, opening), is_headless=True)
    with write(tenant.id) as session:
        flow = store.save(session, flow)
    run = _with(flow)
    shown = _renderer(run).screen(_screen(engine.show(run)))
    body = {
        "flow_id": flow.id,
        "flow_token": token,
        "expires_at": moment(flow.expires_at),
        "outcome": "show",
        "screen": shown,
    }
    return _json(body, 201)


def _authorization(parameters: dict[str, str]) -> AuthorizationRequest:
    tenant = tenancy.current()
    try:
        asked = authorization.read_again(tenant, parameters)
    except PageError as error:
        detail = f"The authorization request is wrong: {error.code}"
        raise problem("invalid_request", detail) from None
    except ErrorToClient as error:
        detail = f"{error.error}: {error.description}"
        raise problem("invalid_request", detail, error=error.error) from None
    if not asked.client.is_first_party:
        raise problem("client_not_allowed")
    return asked


def _run(flow_id: str) -> Run:
    flow = store.load(tenancy.current().id, flow_id)
    token = _bearer()
    if flow is None or not flow.is_headless or not _is_own(flow, token):
        raise problem("flow_unknown")
    if flow.is_finished:
        raise problem("flow_finished")
    run = _with(flow)
    if run.is_expired:
        raise problem("flow_expired")
    _demand_client(flow)
    return run


def _with(flow: Flow) -> Run:
    locale = language.current_locale(flow.asked.ui_locales)
    return Run(tenancy.current(), flow, visitor.actor(), locale)


def _demand_client(flow: Flow) -> None:
    """The client may have been disabled since the flow began."""
    if isinstance(flow.continuation, Authorize):
        _authorization(flow.continuation.payload)


def _answered(run: Run, turn: Turn) -> Response:
    renderer = _renderer(run)
    match turn.outcome:
        case Show(screen):
            return _json({"outcome": "show", "screen": renderer.screen(screen)})
        case Wrong(screen, code, retry_after):
            body = {"outcome": "wrong", "code": code, "screen": renderer.screen(screen)}
            response = _json(body, 429 if retry_after else 422)
            if retry_after:
                response.headers["Retry-After"] = str(retry_after)
            return response
        case GoTo(path):
            handed = handover.issue(run.tenant, run.flow.id)
            url = f"{run.tenant.base_url}{path}&handover={handed}"
            return _json({"outcome": "go_to", "go_to": url})
        case Refuse(error, description):
            return _json(_refused(run, error, description))
        case Finished(result):
            return _json(_finished(run, result))


def _finished(run: Run, result: Completed | Ticket) -> Json:
    told: Json = {"outcome": "finished"}
    if result.merged is not None:
        told |= {"user_id": result.merged.user_id, "merged_from": result.merged.anonymous_id}
    if isinstance(result, Ticket):
        query = urlencode({"ticket": result.secret})
        return {**told, "go_to": f"{run.tenant.base_url}/flow/{run.flow.id}/finish?{query}"}
    assert not isinstance(result.destination, str)
    return {**told, "response": dict(result.destination.fields)}


def _refused(run: Run, error: str, description: str) -> Json:
    continuation = run.flow.continuation
    assert isinstance(continuation, Authorize)
    asked = _authorization(continuation.payload)
    destination = asked.refusal(error, description).to_client()
    return {
        "outcome": "refused",
        "error": error,
        "go_to": destination.url,
        "response": dict(destination.fields),
    }


def _takes_code(flow: Flow) -> bool:
    continuation = flow.continuation
    return isinstance(continuation, Authorize) and continuation.answer_as == "code"


def _screen(outcome: Outcome) -> Any:
    assert isinstance(outcome, Show)
    return outcome.screen


def _renderer(run: Run) -> JsonRenderer:
    return JsonRenderer(run.tenant, run.locale, run.brand)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _binding(token: str) -> str:
    return keyring().hash("flow token", tenancy.current().id, token)


def _is_own(flow: Flow, token: str) -> bool:
    return bool(token) and keyring().matches(
        flow.binding, "flow token", tenancy.current().id, token
    )


def _json(body: Json, status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
