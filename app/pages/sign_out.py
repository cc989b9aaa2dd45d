"""Sign-out of this browser, asked for on our own pages."""

from collections.abc import Collection

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.database import write
from app.directory import sessions
from app.federation import logout
from app.pages import leaving, rendering

blueprint = Blueprint("sign_out", __name__)
blueprint.before_request(visitor.refuse_other_sites)


@blueprint.get("/sign-out")
def confirm() -> Response:
    """Asks; a link or an image on another site signs nobody out."""
    stay_url = url_for("account.home")
    return rendering.page("sign_out/confirm.html", stay_url=stay_url)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End everybody's session on this browser, and the one at a provider that asks for that."""
    browser = visitor.signed_in()
    ended = [each.id for each in browser.everybody] if browser else []
    if browser is not None and browser.everybody:
        actor = visitor.acting(browser.everybody[0].user_id)
        with write(tenancy.current().id) as session:
            sessions.end_browser(session, actor, browser.browser_id)
    visitor.forget_running_flows()
    return at_provider(ended, None) or done()


def at_provider(session_ids: Collection[str], go_to: str | None) -> Response | None:
    """The way to the provider that one of these sessions came from, where it is to sign the person
    out too; from there to `go_to`, or to the page that says so. None where there is none."""
    found = logout.farewell(tenancy.current(), session_ids, go_to)
    if found is None:
        return None
    connection, asked = found
    return leaving.to_provider(asked, connection.name)


def done() -> Response:
    """The page that says that nobody is signed in here any more."""
    return rendering.page("sign_out/done.html", sign_in_url=url_for("sign_in.sign_in"))
