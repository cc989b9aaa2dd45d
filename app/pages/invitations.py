"""The page behind an invitation's link: a look changes nothing, the button begins a flow whose end
accepts.

The token leaves the address at once, into the flow cookie.
"""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app import completion, tenancy, visitor
from app.completion import NoLongerAllowed
from app.database import read, write
from app.directory import clients, invitation_answers, invitations
from app.directory.invitations import Invitation, State
from app.flow import engine, envelope, store
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.envelope import Opening
from app.flow.run import Flow
from app.flow.steps import invited
from app.flow.steps.account import OTHER
from app.methods.base import Spent
from app.oidc.destination import with_query
from app.pages import leaving, rendering, sign_in, start, wardrobe

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")
blueprint.before_request(visitor.refuse_other_sites)

_ORGANIZATIONS = "/account/organizations"
_BECAME: dict[State, str] = {
    "accepted": "fault.invitation_accepted",
    "declined": "fault.invitation_declined",
    "revoked": "fault.invitation_revoked",
    "expired": "fault.invitation_expired",
    "closed": "fault.invitation_closed",
}


@blueprint.get("/<invitation_id>")
def look(invitation_id: str) -> Response:
    """Who invites whom to where."""
    token = request.args.get("token")
    if token is not None:
        return _without_token(invitation_id, token)
    found = _found(invitation_id)
    if found is None or not found.is_open:
        return _gone(found)
    wardrobe.wear(found.organization_id, found.client_id)
    title = rendering.translate("invitation.look.title", organization=found.organization)
    return rendering.page("invitation/look.html", title=title, invitation=found)


@blueprint.post("/<invitation_id>")
def begin(invitation_id: str) -> Response:
    """A flow of this browser's own; whoever is signed in here with that address accepts at once."""
    found = _found(invitation_id)
    if found is None or not found.is_open:
        return _gone(found)
    flow = _flow(found)
    complete = completion.in_browser(visitor.session_cookie())
    run = engine.settled(sign_in.run_of(flow))
    try:
        return sign_in.respond(run, engine.begin(run, complete))
    except NoLongerAllowed:
        return start.over_again(flow)
    except Spent:
        return _gone(_found(invitation_id))


@blueprint.get("/<invitation_id>/done")
def done(invitation_id: str) -> Response:
    """On to the application that the invitation was made for, once it is accepted."""
    tenant = tenancy.current()
    with read(tenant.id) as session:
        found = invitations.get(session, tenant, invitation_id)
    if found is None or found.state != "accepted" or found.client_id is None:
        return leaving.to_path(_ORGANIZATIONS)
    client = clients.get(tenant.id, found.client_id)
    if client is None or not client.is_active or client.home_url is None:
        return leaving.to_path(_ORGANIZATIONS)
    url = with_query(client.home_url, {"organization": found.organization_id})
    return leaving.to_url(url, after_post=False)


def _without_token(invitation_id: str, token: str) -> Response:
    if not invitations.is_token(token):
        return _gone(None)
    visitor.keep_link(invitation_id, token)
    return redirect(url_for("invitations.look", invitation_id=invitation_id), 303)


def _found(invitation_id: str) -> Invitation | None:
    """The invitation whose link this browser has opened, in whatever state it is."""
    tenant, token = tenancy.current(), visitor.kept_link(invitation_id)
    with read(tenant.id) as session:
        return invitations.by_token(session, tenant, invitation_id, token)


def _flow(found: Invitation) -> Flow:
    """A new flow, kept at once: its envelope must not become a second link."""
    tenant, account = tenancy.current(), _own_session(found)
    asked = Asked(login_hint=found.email, invitation=invited.invited_by(found))
    opening = Opening(
        kind="sign_in" if account else invited.kind_for(tenant, found.email),
        continuation=Account(path=_end_of(found)),
        asked=asked,
        binding=visitor.binding(),
        hint=found.email,
        account=account or OTHER,
    )
    with write(tenant.id) as session:
        return store.save(session, envelope.start(tenant, opening))


def _own_session(found: Invitation) -> str | None:
    """The live session of somebody here who has proven the invited address."""
    browser = visitor.signed_in()
    with read(tenancy.current().id) as session:
        for live in browser.sessions if browser else ():
            if found.email_key in invitation_answers.verified_keys(session, live.user_id):
                return live.id
    return None


def _end_of(found: Invitation) -> str:
    return f"/invitations/{found.id}/done" if found.client_id else _ORGANIZATIONS


def _gone(found: Invitation | None) -> Response:
    """Says what became of it, to whoever has the link; of any other link only that it is none."""
    if found is not None and found.state == "accepted":
        return rendering.error_page(
            _BECAME["accepted"],
            410,
            next_url=url_for("account.show_organizations"),
            next_label="action.see_organizations",
        )
    known = _BECAME.get(found.state) if found else None
    return rendering.error_page(known or "fault.invitation_unknown", 410)
