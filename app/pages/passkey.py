"""Fresh options for a passkey ceremony: people look at pages for longer than a challenge lives."""

from flask import Blueprint, abort, jsonify
from werkzeug.wrappers import Response

from app.flow import engine
from app.flow.outcome import Show
from app.flow.run import Run
from app.pages import sign_in

blueprint = Blueprint("passkey", __name__)


@blueprint.get("/flow/<flow_id>/passkey")
def options(flow_id: str) -> Response:
    """What the screen that the flow is at asks the browser for, as JSON, with a new challenge; 404
    when it asks for no passkey."""
    return sign_in.with_run(flow_id, _options)


def _options(run: Run) -> Response:
    shown = engine.show(run)
    if not isinstance(shown, Show) or "passkey" not in shown.screen.display:
        abort(404)
    return jsonify(shown.screen.display["passkey"])
