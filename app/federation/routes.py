"""The doors to and from identity providers.

The browser leaves by `start`, which stores nothing. What a provider has it post across sites comes
without our Lax cookies, so it is only put down, and read on the way that the browser then takes to
the flow by itself. (RFC 9700, section 4.4.2; SameSite, section 5.3.7)
"""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import bodies, clock, completion, limits, tenancy, visitor
from app.completion import NoLongerAllowed
from app.database import read, write
from app.directory import connections, upstream_messages
from app.directory.connections import Connection
from app.errors import Problem
from app.federation import provider, state
from app.federation.identity import UpstreamAway, UpstreamRefused
from app.federation.provider import Wishes
from app.flow import engine, handover, store
from app.flow.outcome import Finished
from app.flow.run import Run
from app.flow.steps import upstream
from app.limits import Limit
from app.pages import leaving, rendering, sign_in
from app.pages import start as flow_start
from app.pages.setup import trial
from app.setup import trial as trying

blueprint = Blueprint("federation", __name__)

_MOST_FIELDS = 20
_LONGEST = 262_144
"""Characters of all that a provider may have posted."""
_MOST_MESSAGES = 20
"""An hour, for one flow: what is put down comes from anybody, and is large."""


@blueprint.get("/connections/<connection_id>/start")
def start(connection_id: str) -> Response:
    """Send the browser of a flow to the provider that the flow awaits."""

    def leave(run: Run) -> Response:
        connection = upstream.awaited(run)
        if connection is None or connection.id != connection_id:
            return redirect(url_for("sign_in.page", flow_id=run.flow.id), 303)
        return _to_provider(run, connection)

    return sign_in.with_run(_flow_of_this_browser(), leave)


@blueprint.get("/connections/<connection_id>/callback")
def callback(connection_id: str) -> Response:
    """The redirect URI of this connection alone."""
    return _arrived(connection_id, _given_once(request.args))


@blueprint.post("/connections/<connection_id>/callback")
@blueprint.post("/connections/<connection_id>/acs")
@bodies.takes_documents("message_too_large")
def posted(connection_id: str) -> Response:
    """Put down what came by a cross-site POST, and go on by GET."""
    fields = posted_fields()
    flow_id = state.flow_of(fields.get("state") or fields.get("RelayState") or "")
    if flow_id is None and "SAMLResponse" in fields and _is_usable(connection_id):
        return redirect(url_for("federation_saml.enter", connection_id=connection_id), 303)
    if flow_id is None or not _takes(connection_id, flow_id):
        return rendering.error_page("fault.unknown_flow", 404)
    _demand_room(flow_id)
    with write(tenancy.current().id) as session:
        message_id = upstream_messages.put_down(session, connection_id, fields)
    return redirect(
        url_for("federation.arrive", connection_id=connection_id, message=message_id), 303
    )


@blueprint.get("/connections/<connection_id>/arrive")
def arrive(connection_id: str) -> Response:
    """Read what was put down, now that the browser brings its cookies."""
    found = upstream_messages.find(
        tenancy.current().id, connection_id, request.args.get("message", "")
    )
    if found is None:
        return rendering.error_page("fault.unknown_flow", 404)
    return _arrived(connection_id, found)


def _arrived(connection_id: str, answers: Mapping[str, str]) -> Response:
    flow_id = state.flow_of(answers.get("state") or answers.get("RelayState") or "")
    if flow_id is None:
        return rendering.error_page("fault.unknown_flow", 404)
    if state.is_test(flow_id):
        return trial.arrived(connection_id, answers)

    def take(run: Run) -> Response:
        connection = upstream.awaited(run)
        if connection is None or connection.id != connection_id:
            return redirect(url_for("sign_in.page", flow_id=run.flow.id), 303)
        try:
            complete = completion.in_browser(visitor.session_cookie())
            turn = engine.arrive(run, answers, complete)
        except NoLongerAllowed:
            return flow_start.over_again(run.flow)
        if run.flow.kind == "link" and isinstance(turn.outcome, Finished):
            flash("account.told.identity_added")
        return sign_in.respond(run, turn, after_post=False)

    return sign_in.with_run(flow_id, take)


def _takes(connection_id: str, flow_id: str) -> bool:
    """Whether a flow that is there may get such an answer from the connection; in a test also from
    one that is a draft."""
    tenant = tenancy.current()
    if not state.is_test(flow_id):
        return _is_usable(connection_id) and store.load(tenant.id, flow_id) is not None
    with read(tenant.id) as session:
        is_there = connections.get(session, connection_id) is not None
    return is_there and trying.is_running(tenant, flow_id)


def _demand_room(flow_id: str) -> None:
    """Raise `Problem` 429 where more was posted for the flow than anybody needs (S15)."""
    limit = Limit("upstream.posted", flow_id, _MOST_MESSAGES)
    exceeded = limits.count(tenancy.current().id, limit)
    if exceeded is not None:
        raise Problem(
            "too_many_requests",
            429,
            "Too much was posted for this sign-in; wait for Retry-After.",
            retry_after=exceeded.retry_after,
        )


def _is_usable(connection_id: str) -> bool:
    return connections.find_usable(tenancy.current().id, connection_id) is not None


def _flow_of_this_browser() -> str:
    """The id of the flow that the browser leaves: one of its own, or a new one that goes on where
    a client's own pages were."""
    tenant, flow_id = tenancy.current(), request.args.get("flow", "")
    presented = request.args.get("handover", "")
    if not handover.is_for(tenant, flow_id, presented):
        return flow_id
    flow = store.load(tenant.id, flow_id)
    if flow is None or not flow.is_headless or not completion.ends_here(flow, visitor.is_bound):
        return flow_id
    hosted = handover.hosted(tenant, flow, visitor.binding())
    with write(tenant.id) as session:
        store.save(session, hosted)
    return hosted.id


def _to_provider(run: Run, connection: Connection) -> Response:
    made = state.issue(connection, run.flow.id, run.flow.binding)
    try:
        asked = provider.start(run.tenant, connection, made, _wishes(run, connection))
    except (UpstreamAway, UpstreamRefused):
        return _not_there(run)
    return leaving.to_provider(asked, connection.name)


def _not_there(run: Run) -> Response:
    """Back to where the other ways in are, with the reason."""
    complete = completion.in_browser(visitor.session_cookie())
    turn = engine.arrive(run, {}, complete, upstream.UNREACHABLE)
    return sign_in.respond(run, turn, after_post=False)


def _wishes(run: Run, connection: Connection) -> Wishes:
    """What the client and the person want, as far as this provider can help: a class of proof only
    from one whose second factor counts here."""
    email = run.facts.identifier.email if run.facts.identifier else None
    return Wishes(
        login_hint=email.value if email else run.asked.login_hint,
        prompt=_prompt(run),
        acr_values=run.asked.acr if connection.settings.trusts_mfa else (),
        max_age=_max_age(run),
        locale=run.locale,
    )


def _prompt(run: Run) -> str | None:
    """`login` where an older proof there would not do; a choice of accounts where the client asks
    for one, and for a link, as the one there is mostly the one that is linked already."""
    if run.flow.kind == "link":
        return "select_account"
    if run.asked.fresh_after is not None or run.flow.kind == "step_up":
        return "login"
    return "select_account" if run.asked.choose_account else None


def _max_age(run: Run) -> int | None:
    """How long ago the person may have signed in there, in seconds, to be fresh enough here."""
    after = run.asked.fresh_after
    return None if after is None else max(0, clock.now() - after) // clock.SECOND


def posted_fields() -> dict[str, str]:
    """What was posted: the fields of the form, each given once, as long as they are not too many.
    Raises `Problem` 413 where they are longer than what is kept."""
    if sum(len(name) + len(value) for name, value in request.form.items(multi=True)) > _LONGEST:
        raise Problem("message_too_large", 413, "The provider's message is too large.")
    return _given_once(request.form)


def _given_once(given: MultiDict[str, str]) -> dict[str, str]:
    """No parameter may come twice: nobody could tell which one counts (RFC 6749, section 3.1)."""
    fields = {name: values[0] for name, values in given.lists() if len(values) == 1}
    size = sum(len(name) + len(value) for name, value in fields.items())
    return fields if len(fields) <= _MOST_FIELDS and size <= _LONGEST else {}
