"""Who must come by the provider."""

from flask import request
from werkzeug.wrappers import Response

from app.account.refused import Refused
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import enforcing
from app.setup.access import Access


@blueprint.route("/policy", methods=["GET", "POST"])
@for_access
def show_policy(found: Access) -> Response:
    """The choice, as it stands."""
    chosen = enforcing.policy(found).sso
    if request.method != "POST":
        return _page(found, chosen)
    wanted = typed().get("sso", "")
    try:
        enforcing.set_mode(found, wanted)
    except Refused as refusal:
        return _page(found, wanted if wanted in enforcing.MODES else chosen, refusal)
    return door.done("/home", "setup.told_policy")


def _page(found: Access, chosen: str, refusal: Refused | None = None) -> Response:
    return door.draw(
        found,
        "policy",
        "policy",
        status=422 if refusal else 200,
        chosen=chosen,
        modes=enforcing.MODES,
        error=refusal.text if refusal else None,
    )
