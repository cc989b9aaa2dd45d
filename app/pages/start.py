"""The start of a flow in a browser: nothing is written, the first URL carries it all."""

from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.database import write
from app.directory import clients
from app.directory.sessions import LiveSession
from app.flow import envelope, store
from app.flow.asked import Asked
from app.flow.continuation import Account, Authorize
from app.flow.envelope import Opening
from app.flow.run import Flow, Kind
from app.pages import rendering

_RESTARTED = "restarted"


def begin(
    kind: Kind,
    continuation: Authorize | Account,
    asked: Asked,
    live: LiveSession | None = None,
    hint: str | None = None,
) -> Response:
    """A redirect (303) to the first page of a new flow, or to the client's own pages.

    `live` is the session that goes on; its proofs count when they are fresh enough.
    """
    opening = Opening(
        kind=kind,
        continuation=continuation,
        asked=asked.model_copy(update=_of_this_browser(asked)),
        binding=visitor.binding(),
        hint=hint,
        account=live.id if live else None,
    )
    flow = envelope.start(tenancy.current(), opening)
    return redirect(_first_url(flow), 303)


def at_connection(connection_id: str, continuation: Account) -> Flow:
    """A new sign-in of this browser that goes to a connection's provider first; it has its row."""
    tenant = tenancy.current()
    opening = Opening("sign_in", continuation, Asked(), visitor.binding(), account="other")
    flow = envelope.start(tenant, opening)
    flow = flow.learned(flow.facts.learn(connection=connection_id))
    with write(tenant.id) as session:
        return store.save(session, flow)


def over_again(flow: Flow) -> Response:
    """A redirect (303) to a new flow for the same end, with what was typed kept.

    An invitation begins again at its own page, which has its link.
    A browser that still has no cookie after one such redirect keeps none, and gets a page that
    says so instead of a loop.
    """
    if request.args.get(_RESTARTED) and not visitor.has_flow_cookie():
        return rendering.error_page("fault.no_cookies", 400)
    if flow.asked.invitation is not None:
        return redirect(url_for("invitations.look", invitation_id=flow.asked.invitation.id), 303)
    response = begin(flow.kind, flow.continuation, flow.asked, hint=flow.facts.hint)
    location = response.headers["Location"]
    response.headers["Location"] = f"{location}{'&' if '?' in location else '?'}{_RESTARTED}=1"
    return response


def _of_this_browser(asked: Asked) -> dict[str, str | None]:
    """What the browser brings to a flow, whatever another one that began it had brought."""
    browser = visitor.signed_in()
    last_used = browser.last_method if browser else None
    return {"anonymous_id": _anonymous_id(asked), "last_used": last_used}


def _anonymous_id(asked: Asked) -> str | None:
    """The anonymous user of this very browser, where our own pages or an app that may make such
    users begin; what another browser was started with counts for nothing."""
    browser = visitor.signed_in()
    if browser is None or browser.anonymous is None:
        return None
    client = clients.get(tenancy.current().id, asked.client_id) if asked.client_id else None
    is_allowed = asked.client_id is None or (client is not None and client.allows_anonymous)
    return browser.anonymous.user_id if is_allowed else None


def _first_url(flow: Flow) -> str:
    tenant = tenancy.current()
    text = envelope.close(tenant, flow)
    query = {"flow": flow.id, "request": text}
    if len(text) > envelope.LONGEST:
        with write(tenant.id) as session:
            store.save(session, flow)
        del query["request"]
    ui_url = _own_pages(flow)
    if ui_url:
        return f"{ui_url}{'&' if '?' in ui_url else '?'}{urlencode(query)}"
    return url_for("sign_in.page", flow_id=flow.id, request=query.get("request"))


def _own_pages(flow: Flow) -> str | None:
    """Where the client draws the flow by itself; None for our pages."""
    if flow.asked.client_id is None:
        return None
    client = clients.get(tenancy.current().id, flow.asked.client_id)
    return client.ui_url if client else None
