"""CORS for the origins that a tenant's clients have registered, and never with cookies."""

from flask import Response, g, request

from app import tenancy
from app.oidc import origins

_MAX_PREFLIGHT_AGE = "600"
_EXPOSED = "WWW-Authenticate, Retry-After"


def allow_registered_origins(response: Response) -> Response:
    """Let a registered origin read the response; any other gets no CORS header at all."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin and "tenant" in g and origins.is_registered(tenancy.current(), origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = _MAX_PREFLIGHT_AGE
    return response
