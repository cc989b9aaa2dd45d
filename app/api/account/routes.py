"""The account API, put together: its routes and its document."""

from flask import Response, jsonify

from app import tenancy
from app.api.account import (
    belongings,
    contacts,
    factors,
    identities,
    invitations,
    life,
    openapi,
    password,
    profile,
    sessions,
)
from app.api.account.door import OPERATIONS, Operation, blueprint

ROUTES = (profile, sessions, password, contacts, factors, identities, belongings, invitations, life)
"""The modules whose import registered their routes."""


@blueprint.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document of this API."""
    return jsonify(openapi.document(tenancy.current()))


__all__ = ["OPERATIONS", "ROUTES", "Operation", "blueprint"]
