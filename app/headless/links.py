"""Mailed links that an application takes by itself, without the flow that they belong to."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from app import clock, cross_origin, tenancy, visitor
from app.flow import store
from app.headless.body import ConfirmLink, read
from app.headless.problems import problem
from app.methods import magic_link

blueprint = Blueprint("headless_links", __name__, url_prefix="/headless/v1")
blueprint.after_request(cross_origin.allow_registered_origins)


@blueprint.post("/links")
def confirm() -> Response:
    """Let the flow go on where it began. Signs nobody in here, and has one try."""
    body, tenant = read(ConfirmLink), tenancy.current()
    flow = store.load(tenant.id, body.flow_id)
    challenge = flow.facts.challenge if flow else None
    if flow is None or challenge is None or flow.is_finished or flow.expires_at <= clock.now():
        raise problem("link_spent")
    confirmed = magic_link.confirm(
        tenant, visitor.actor(), flow.id, challenge, body.token, body.number
    )
    match confirmed:
        case "released":
            return jsonify({"outcome": "released"})
        case "malformed":
            raise problem("malformed_number")
        case "wrong_number":
            raise problem("wrong_number")
        case "gone":
            raise problem("link_spent")
