"""The setup API, put together: its routes and its document."""

from flask import Response, jsonify

from app import tenancy
from app.api.setup import connections, domains, openapi, session
from app.api.setup.door import OPERATIONS, Operation, blueprint

ROUTES = (session, connections, domains)
"""The modules whose import registered their routes."""


@blueprint.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document of this API."""
    return jsonify(openapi.document(tenancy.current()))


__all__ = ["OPERATIONS", "ROUTES", "Operation", "blueprint"]
