"""The HTML renderer of flows: one URL a flow, GET shows what is next, POST answers."""

from collections.abc import Callable, Collection
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, abort, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app import completion, language, tenancy, visitor
from app.completion import BadTicket, Completed, NoLongerAllowed
from app.database import note_flow, write
from app.flow import engine, envelope, store
from app.flow.asked import Asked
from app.flow.continuation import Account, Authorize
from app.flow.engine import Turn
from app.flow.outcome import Finished, GoTo, Refuse, Show, Wrong
from app.flow.run import Flow, Run
from app.methods.base import Answers
from app.oidc import authorization
from app.oidc.authorization import ErrorToClient, PageError
from app.pages import codes_file, leaving, rendering, start, wardrobe

blueprint = Blueprint("sign_in", __name__)
blueprint.before_request(visitor.refuse_other_sites)

_MOST_FIELDS = 40


@blueprint.get("/")
def home() -> Response:
    """To the account, by way of sign-in."""
    return redirect(url_for("account.home"), 303)


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """Sign in to the account pages; an app starts at the authorization endpoint instead."""
    return start.begin("sign_in", Account(), Asked())


@blueprint.get("/sign-up")
def sign_up() -> Response:
    """Make an account, without an app."""
    return start.begin("sign_up", Account(), Asked())


@blueprint.get("/recover")
def recover() -> Response:
    """Recover access to an account, without an app."""
    return start.begin("recover", Account(), Asked())


@blueprint.get("/flow/<flow_id>")
def page(flow_id: str) -> Response:
    """The screen that the flow is at."""
    return with_run(flow_id, _show)


@blueprint.post("/flow/<flow_id>")
def answer(flow_id: str) -> Response:
    """One action on that screen."""
    return with_run(flow_id, _answer)


@blueprint.get("/flow/<flow_id>/recovery-codes.txt")
def recovery_codes(flow_id: str) -> Response:
    """The recovery codes as a file, while the screen that shows them stands."""
    return with_run(flow_id, _codes_file)


@blueprint.get("/flow/<flow_id>/finish")
def finish(flow_id: str) -> Response:
    """Turn in the ticket of a flow that ran headless: its session opens here, in the browser."""
    if request.method == "HEAD":
        abort(405)  # Whoever only looks at a link must not spend it.
    flow = store.load(tenancy.current().id, flow_id)
    if flow is None or not flow.is_headless or not flow.is_finished:
        return rendering.error_page("fault.unknown_flow", 404)
    if not completion.ends_here(flow, visitor.is_bound):
        return rendering.error_page("fault.foreign_flow", 403)
    run = run_of(flow)
    problem = _client_problem(run, after_post=False)
    if problem is not None:
        return problem
    try:
        completed = _turned_in(run, request.args.get("ticket", ""))
    except NoLongerAllowed:
        return start.over_again(flow)
    except BadTicket:
        return rendering.error_page("fault.spent_ticket", 400)
    return _leave(completed, run, after_post=False)


def _turned_in(run: Run, ticket: str) -> Completed:
    complete = completion.in_browser(visitor.session_cookie())
    with write(run.tenant.id) as session:
        note_flow(session, run.flow.id)
        completion.turn_in(session, run, ticket)
        return complete(session, run)


def run_of(flow: Flow) -> Run:
    """The flow together with the browser of this request."""
    browser = visitor.signed_in()
    run = Run(
        tenant=tenancy.current(),
        flow=flow,
        actor=visitor.actor(),
        locale=language.current_locale(flow.asked.ui_locales),
        sessions=browser.sessions if browser else (),
        is_known_device=visitor.is_known_device,
        is_trusted_device=visitor.is_trusted_device,
    )
    wardrobe.wear_as(run)
    return run


def with_run(flow_id: str, then: Callable[[Run], Response]) -> Response:
    """Find the flow and see to it that it may go on in this browser, now."""
    tenant = tenancy.current()
    flow = store.load(tenant.id, flow_id)
    if flow is None:
        flow = envelope.open_(tenant, flow_id, request.args.get("request", ""))
    if flow is None or flow.is_headless:
        return rendering.error_page("fault.unknown_flow", 404)
    if flow.version:
        g.flow_id = flow.id
    if not visitor.is_bound(flow.binding):
        # Another browser may start over from an envelope, but never go on with a running flow.
        return _foreign(flow) if flow.version else start.over_again(flow)
    if flow.is_finished:
        return _again(flow)
    run = run_of(flow)
    return start.over_again(flow) if run.is_expired else then(run)


def _foreign(flow: Flow) -> Response:
    """Refused, with the way to a flow of this browser's own, which knows nothing of the other."""
    return rendering.error_page(
        "fault.foreign_flow",
        403,
        next_url=f"{tenancy.current().base_url}{_origin(flow)}",
        next_label="action.start_again",
    )


def _again(flow: Flow) -> Response:
    """Back to a finished flow: ask for its end again, which a live session answers at once."""
    return leaving.to_path(_origin(flow, without=("prompt", "max_age")))


def _origin(flow: Flow, without: Collection[str] = ()) -> str:
    """The path at which the flow's end is asked for."""
    continuation = flow.continuation
    if isinstance(continuation, Account):
        return continuation.path
    kept = {k: v for k, v in continuation.payload.items() if k not in without}
    return f"/oauth2/authorize?{urlencode(kept)}"


def _show(run: Run) -> Response:
    outcome = engine.show(run)
    if isinstance(outcome, GoTo):
        return leaving.to_path(outcome.path)
    assert isinstance(outcome, Show)
    return rendering.render_screen(outcome.screen, _url(run.flow))


def _codes_file(run: Run) -> Response:
    outcome = engine.show(run)
    if not isinstance(outcome, Show) or outcome.screen.name != "recovery_codes":
        return rendering.error_page("fault.unknown_flow", 404)
    display = outcome.screen.display
    return codes_file.response(display["codes"], display["account"])


def _answer(run: Run) -> Response:
    action, seen, answers = _form()
    return take(run, action, answers, seen)


def take(run: Run, action: str, answers: Answers, seen: str | None = None) -> Response:
    """The HTML answer to one action, on the screen named `seen` where the form tells."""
    problem = _client_problem(run, after_post=True)
    if problem is not None:
        return problem
    complete = completion.in_browser(visitor.session_cookie())
    try:
        turn = engine.answer(run, action, answers, complete, seen=seen)
    except NoLongerAllowed:
        return start.over_again(run.flow)
    return respond(run, turn)


def respond(run: Run, turn: Turn, *, after_post: bool = True) -> Response:
    """The HTML answer to what an action, or a provider's answer, led to."""
    wardrobe.wear_as(replace(run, flow=turn.flow))
    match turn.outcome:
        case Show():
            return redirect(url_for("sign_in.page", flow_id=run.flow.id), 303)
        case Wrong(screen, _, retry_after):
            status = 429 if retry_after else 422
            response = rendering.render_screen(screen, _url(turn.flow), status)
            if retry_after:
                response.headers["Retry-After"] = str(retry_after)
            return response
        case GoTo(path):
            base_url = tenancy.current().base_url
            return leaving.to_url(f"{base_url}{path}", after_post=after_post)
        case Refuse(error, description):
            return _refuse(run, error, description, after_post=after_post)
        case Finished(completed):
            return _leave(completed, run, after_post=after_post)


def _leave(completed: Completed, run: Run, *, after_post: bool) -> Response:
    destination = completed.destination
    if isinstance(destination, str):
        response = leaving.to_path(destination)
    else:
        name = run.asked.client_name or ""
        response = leaving.to_client(destination, after_post=after_post, client_name=name)
    left = make_response(response)
    if completed.cookie_value:
        visitor.remember(left, completed.cookie_value)
    return left


def _refuse(run: Run, error: str, description: str, *, after_post: bool) -> Response:
    continuation = run.flow.continuation
    if not isinstance(continuation, Authorize):
        return leaving.to_path("/")
    asked = authorization.read_again(run.tenant, continuation.payload)
    answer = asked.refusal(error, description).to_client()
    name = run.asked.client_name or ""
    return leaving.to_client(answer, after_post=after_post, client_name=name)


def _client_problem(run: Run, *, after_post: bool) -> Response | None:
    """The client may have been disabled, or its redirect URI removed, since the flow began."""
    if not isinstance(run.flow.continuation, Authorize):
        return None
    try:
        authorization.read_again(run.tenant, run.flow.continuation.payload)
    except PageError as error:
        return rendering.error_page(error.text, 400)
    except ErrorToClient as error:
        name = run.asked.client_name or ""
        return leaving.to_client(error.to_client(), after_post=after_post, client_name=name)
    return None


def _form() -> tuple[str, str | None, dict[str, str]]:
    """The action, the screen whose form it was, and the fields, each given once; a choice button is
    the action `choose`."""
    if len(request.form) > _MOST_FIELDS:
        abort(400)
    answers: dict[str, str] = {}
    for name, values in request.form.lists():
        if len(values) != 1 or "\x00" in values[0]:
            abort(400)
        answers[name] = values[0]
    action = answers.pop("action", "choose" if "choice" in answers else "continue")
    return action, answers.pop("screen", None), answers


def _url(flow: Flow) -> str:
    """Where the page's form posts to; a flow without a row still needs its envelope."""
    text = None if flow.version else request.args.get("request")
    return url_for("sign_in.answer", flow_id=flow.id, request=text)
