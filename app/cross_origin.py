"""CORS for the origins that a tenant's clients have registered, and never with cookies."""

from flask import Response, g, request

from app import tenancy
from app.oidc import origins

_MAX_PREFLIGHT_AGE = "600"
_EXPOSED = "ETag, Idempotency-Replayed, Retry-After, WWW-Authenticate"
_SENT = "Authorization, Content-Type, Idempotency-Key, If-Match"


def allow_registered_origins(response: Response) -> Response:
    """Let a registered origin read the response; any other gets no CORS header at all."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin and "tenant" in g and origins.is_registered(tenancy.current(), origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            methods = {method.upper() for method in response.allow} - {"HEAD", "OPTIONS"}
            response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(methods))
            response.headers["Access-Control-Allow-Headers"] = _SENT
            response.headers["Access-Control-Max-Age"] = _MAX_PREFLIGHT_AGE
    return response
