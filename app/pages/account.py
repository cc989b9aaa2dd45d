"""The account's front page: who is signed in, on which browsers and at which apps; the ways out."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app import completion, tenancy, visitor
from app.addresses import parse_email
from app.database import read, write
from app.directory import grants, organizations, people, sessions
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.sessions import SIGNED_OUT, LiveSession
from app.flow import engine, envelope
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.envelope import Opening
from app.flow.facts import Named
from app.identifiers import of_email
from app.pages import leaving, rendering, sign_in, sign_out, start

blueprint = Blueprint("account", __name__, url_prefix="/account")
blueprint.before_request(visitor.refuse_other_sites)


@blueprint.get("")
def home() -> Response:
    """The person, their address, organizations, sessions and apps; signs in first when need be."""
    live = _live()
    if live is None:
        return start.begin("sign_in", Account(), Asked())
    with read(tenancy.current().id) as session:
        person = people.snapshot_of(session, live.user_id)
        memberships = organizations.memberships_of(session, live.user_id)
        listed = sessions.list_of_user(session, live.user_id)
        apps = grants.list_of_user(session, live.user_id)
    return rendering.page(
        "account/home.html",
        title=rendering.translate("account.title"),
        live=live,
        person=person,
        memberships=memberships,
        sessions=listed,
        apps=apps,
    )


@blueprint.post("/verify-email")
def verify_email() -> Response:
    """Send a code to the signed-in person's own address, and ask for it."""
    live = _live()
    if live is None:
        return start.begin("sign_in", Account(), Asked())
    with read(tenancy.current().id) as session:
        person = people.snapshot_of(session, live.user_id)
    if person is None or person.email is None or person.email_verified:
        return leaving.to_path("/account")
    opening = Opening("verify", Account(), Asked(), visitor.binding(), account=live.id)
    run = sign_in.run_of(envelope.start(tenancy.current(), opening))
    facts = engine.settled(run).facts.learn(
        identifier=Named.of(of_email(parse_email(person.email))), address_verified=False
    )
    complete = completion.in_browser(visitor.session_cookie())
    return sign_in.respond(run, engine.begin(run.learned(facts), complete))


@blueprint.post("/sessions/end")
def end_session() -> Response:
    """End one session of the signed-in person, by its id in the form."""
    live = _live()
    if live is None:
        return start.begin("sign_in", Account(), Asked())
    try:
        with write(tenancy.current().id) as session:
            named = request.form.get("session", "")
            sessions.end(session, visitor.acting(live.user_id), named, SIGNED_OUT)
    except (NotFound, Forbidden):
        return rendering.error_page("fault.not_found", 404)
    return leaving.to_path("/account")


@blueprint.post("/apps/remove")
def remove_app() -> Response:
    """Take back what the signed-in person allowed an app, by the grant's id in the form."""
    live = _live()
    if live is None:
        return start.begin("sign_in", Account(), Asked())
    try:
        with write(tenancy.current().id) as session:
            grants.revoke(session, visitor.acting(live.user_id), request.form.get("grant", ""))
    except (NotFound, Forbidden):
        return rendering.error_page("fault.not_found", 404)
    return leaving.to_path("/account")


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """End every session of the signed-in person, on every browser, with all their tokens."""
    live = _live()
    if live is not None:
        with write(tenancy.current().id) as session:
            actor = visitor.acting(live.user_id)
            sessions.end_all_of_user(session, actor, live.user_id, SIGNED_OUT)
        visitor.forget_running_flows()
    return sign_out.done()


def _live() -> LiveSession | None:
    """The newest sign-in on this browser; None when nobody is signed in."""
    browser = visitor.signed_in()
    if browser is None or not browser.sessions:
        return None
    live = browser.sessions[0]
    if live.needs_touch:
        with write(tenancy.current().id) as session:
            sessions.touch(session, visitor.acting(live.user_id), tenancy.current(), live)
    return live
