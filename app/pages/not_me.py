"""The pages behind the link of a notice: a look does nothing, the button undoes, and then the way
to a new password.

The token leaves the address at once, into the flow cookie.
"""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.account import not_me
from app.pages import rendering

blueprint = Blueprint("not_me", __name__, url_prefix="/not-me")
blueprint.before_request(visitor.refuse_other_sites)

_KEPT = "not-me"


@blueprint.get("")
def look() -> Response:
    """What the button will do."""
    token = request.args.get("token")
    if token is not None:
        visitor.keep_link(_KEPT, token)
        return redirect(url_for("not_me.look"), 303)
    if not_me.purpose_of(tenancy.current(), visitor.kept_link(_KEPT)) is None:
        return _gone()
    return rendering.page("not_me/confirm.html")


@blueprint.post("")
def undo() -> Response:
    """Undo it, once."""
    undone = not_me.undo(tenancy.current(), visitor.actor(), visitor.kept_link(_KEPT))
    if undone is None:
        return _gone()
    visitor.forget_running_flows()
    return rendering.page("not_me/done.html", is_left=undone.is_left)


def _gone() -> Response:
    return rendering.error_page(
        "fault.spent_notice", 410, next_url=url_for("sign_in.recover"), next_label="action.recover"
    )
