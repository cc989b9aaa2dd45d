"""The page behind a mailed link. Looking at it does nothing; only its button does.

The token leaves the address at once, into the flow cookie. In the browser that began the flow the
button goes on with it; anywhere else the page asks for the number that is shown there, and what it
confirms signs nobody in here.
"""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.flow import store
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.methods import magic_link
from app.methods.magic_link import State
from app.pages import rendering, sign_in

blueprint = Blueprint("link", __name__)
blueprint.before_request(visitor.refuse_other_sites)


@blueprint.get("/flow/<flow_id>/link")
def look(flow_id: str) -> Response:
    """Who the link is for, and what it takes to use it."""
    token = request.args.get("token")
    if token is not None:
        return _without_token(flow_id, token)
    run = _run(flow_id)
    if run is None:
        return _gone(None)
    match _state(run):
        case "good":
            return rendering.render_screen(_screen(run), _url(run))
        case "released":
            return _released(run)
        case "gone":
            return _gone(run)


@blueprint.post("/flow/<flow_id>/link")
def use(flow_id: str) -> Response:
    """Go on with the flow, in its own browser; in another one, confirm that it may."""
    run = _run(flow_id)
    if run is None or _state(run) == "gone":
        return _gone(run)
    if _is_own(run):
        token = visitor.kept_link(flow_id)
        return sign_in.take(run, "link", {"token": token})
    return _confirm(run, request.form.get("number", ""))


def _without_token(flow_id: str, token: str) -> Response:
    if not magic_link.is_token(token):
        return rendering.error_page("fault.spent_link", 400)
    visitor.keep_link(flow_id, token)
    return redirect(url_for("link.look", flow_id=flow_id), 303)


def _run(flow_id: str) -> Run | None:
    """The running flow together with this browser; None when it is over."""
    flow = store.load(tenancy.current().id, flow_id)
    if flow is None or flow.is_finished:
        return None
    run = sign_in.run_of(flow)
    return None if run.is_expired else run


def _state(run: Run) -> State:
    token = visitor.kept_link(run.flow.id)
    return magic_link.state_of(run.tenant, run.flow.id, run.facts.challenge, token)


def _is_own(run: Run) -> bool:
    return not run.flow.is_headless and visitor.is_bound(run.flow.binding)


def _confirm(run: Run, number: str) -> Response:
    challenge, token = run.facts.challenge, visitor.kept_link(run.flow.id)
    assert challenge is not None
    confirmed = magic_link.confirm(run.tenant, run.actor, run.flow.id, challenge, token, number)
    match confirmed:
        case "released":
            return _released(run)
        case "malformed":
            errors = {"number": Text("error.number_form")}
            return rendering.render_screen(_screen(run).with_errors(errors, {}), _url(run), 422)
        case "wrong_number":
            return rendering.error_page("fault.wrong_number", 422)
        case "gone":
            return _gone(run)


def _screen(run: Run) -> Screen:
    """Whoever sees it has the link, and so the mailbox: the account may be named."""
    if _is_own(run):
        return opened(_person(run.facts))
    return matching(_person(run.facts))


def opened(person: str) -> Screen:
    """Asks whether to go on as this person."""
    return Screen(
        name="open_link",
        title=Text("open_link.title", {"person": person}),
        subtitle=Text("open_link.subtitle"),
        actions=(Action("continue", Text("action.open_link")),),
    )


def matching(person: str) -> Screen:
    """Asks for the number that is shown where the flow began."""
    return Screen(
        name="match_number",
        title=Text("match_number.title"),
        subtitle=Text("match_number.subtitle", {"person": person}),
        fields=(Field("number", "text", "field.number", "", "off"),),
        actions=(Action("continue", Text("action.confirm_number")),),
    )


def _person(facts: Facts) -> str:
    return facts.identifier.value if facts.identifier else facts.person or ""


def _released(run: Run) -> Response:
    if _is_own(run):
        return redirect(_flow_url(run), 303)
    return rendering.page("link_confirmed.html")


def _gone(run: Run | None) -> Response:
    """The way on is the flow's own screen, in its own browser."""
    own = _flow_url(run) if run is not None and _is_own(run) else None
    label = "action.continue" if own else "page.home"
    return rendering.error_page("fault.spent_link", 410, next_url=own, next_label=label)


def _flow_url(run: Run) -> str:
    return url_for("sign_in.page", flow_id=run.flow.id)


def _url(run: Run) -> str:
    return url_for("link.use", flow_id=run.flow.id)
