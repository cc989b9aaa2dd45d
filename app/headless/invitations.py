"""Invitations for applications that draw the pages behind their links by themselves."""

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from app import cross_origin, tenancy
from app.database import read
from app.directory import invitations
from app.directory.invitations import Invitation
from app.flow.steps import invited
from app.headless.problems import problem
from app.headless.rendering import moment

blueprint = Blueprint("headless_invitations", __name__, url_prefix="/headless/v1")
blueprint.after_request(cross_origin.allow_registered_origins)


@blueprint.get("/invitations/<invitation_id>")
def show(invitation_id: str) -> Response:
    """Who is invited to where. The link's token comes as a bearer token, and is not spent."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = opened(invitation_id, token.strip() if scheme.lower() == "bearer" else "")
    response = jsonify(
        {
            "id": found.id,
            "email": found.email,
            "organization": {"id": found.organization_id, "name": found.organization},
            "roles": list(found.roles),
            "expires_at": moment(found.expires_at),
            "kind": invited.kind_for(tenancy.current(), found.email),
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def opened(invitation_id: str, token: str) -> Invitation:
    """The open invitation of this link; raises `Problem`, with its state where the token is its
    own."""
    tenant = tenancy.current()
    with read(tenant.id) as session:
        found = invitations.by_token(session, tenant, invitation_id, token)
    if found is None:
        raise problem("invitation_gone")
    if not found.is_open:
        raise problem("invitation_gone", state=found.state)
    return found
