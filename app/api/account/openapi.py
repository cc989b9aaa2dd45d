"""The OpenAPI document of the account API, made from its routes and their models."""

from functools import cache

from app.api import description
from app.api.account.door import OPERATIONS, Operation
from app.api.account.problems import CODES
from app.api.description import Json
from app.directory.clients import ACCOUNT_SCOPE
from app.directory.tenants import Tenant

_ANY_ROUTE = (
    "invalid_token",
    "insufficient_scope",
    "bad_request",
    "too_many_requests",
    "unavailable",
)
_WITH_BODY = ("invalid_request", "invalid_json", "unsupported_media_type", "body_too_large")
_CREATING = ("idempotency_in_progress", "idempotency_key_reused")
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key with the same request within a day gets the same answer.",
}


def document(tenant: Tenant) -> Json:
    """The document (OpenAPI 3.1) for one tenant."""
    base = tenant.base_url
    oauth = {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{tenant.issuer}/oauth2/authorize",
                "tokenUrl": f"{tenant.issuer}/oauth2/token",
                "scopes": {ACCOUNT_SCOPE: "Everything that a person may do with the account"},
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AuthPage account API",
            "version": "1",
            "description": "The account portal as JSON, with the person's own access token.",
        },
        "servers": [{"url": f"{base}/api/v1/account"}],
        "security": [{"accessToken": [ACCOUNT_SCOPE]}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"accessToken": oauth},
            "schemas": _schemas(),
        },
    }


def codes_of(operation: Operation) -> tuple[str, ...]:
    """Every code that the route may answer with."""
    codes = [*_ANY_ROUTE, *operation.codes]
    if operation.method != "GET":
        codes += _WITH_BODY
    if operation.query is not None:
        codes.append("invalid_request")
    if operation.creates:
        codes += _CREATING
    if operation.is_sensitive:
        codes.append("recent_sign_in_required")
    if "{" in operation.path:
        codes.append("not_found")
    return tuple(dict.fromkeys(codes))


@cache
def _paths() -> Json:
    return description.paths(OPERATIONS, CODES, codes_of, _parameters_of)


def _parameters_of(operation: Operation) -> list[Json]:
    """Beside the ids in the path."""
    query = operation.query.model_json_schema()["properties"] if operation.query else {}
    members: list[Json] = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in query.items()
    ]
    return [*members, _IDEMPOTENCY_KEY] if operation.creates else members


@cache
def _schemas() -> Json:
    refusal = description.problem(
        CODES,
        max_age={"type": "integer", "description": "Seconds"},
        acr_values={"type": "array", "items": {"type": "string"}},
    )
    return {**description.schemas(OPERATIONS), "Problem": refusal}
