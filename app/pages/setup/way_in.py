"""The link: a look changes nothing, the button spends it and opens the portal in this browser. And
the way out."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.account.refused import Refused
from app.pages import leaving, rendering
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import access
from app.setup.access import Access

_KEPT = "setup"


@blueprint.get("")
def look() -> Response:
    """What the link is for. Its token leaves the address at once, into the flow cookie."""
    token = request.args.get("token")
    if token is not None:
        visitor.keep_link(_KEPT, token)
        return redirect(url_for("setup.look"), 303)
    offer = access.look(tenancy.current(), visitor.kept_link(_KEPT))
    if offer is not None:
        return rendering.page("setup/look.html", offer=offer)
    return leaving.to_path("/setup/home") if door.current() else _gone()


@blueprint.post("")
def enter() -> Response:
    """Spend the link."""
    try:
        value = access.enter(tenancy.current(), visitor.actor(), visitor.kept_link(_KEPT), "pages")
    except Refused:
        return leaving.to_path("/setup/home") if door.current() else _gone()
    response = leaving.to_path("/setup/home")
    door.remember(response, value)
    return response


@blueprint.route("/leave", methods=["GET", "POST"])
@for_access
def leave(found: Access) -> Response:
    """End the session on this browser; what was set up stays."""
    if request.method != "POST":
        return leaving.to_path("/setup/home")
    access.leave(found)
    response = rendering.page("setup/left.html", organization=found.organization)
    door.forget(response)
    return response


def _gone() -> Response:
    return rendering.error_page("fault.setup_link", 410)
