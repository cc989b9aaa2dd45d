"""The OpenAPI document of the account API, made from its routes and their models."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.account.door import OPERATIONS, Nothing, Operation
from app.api.account.problems import CODES
from app.directory.clients import ACCOUNT_SCOPE
from app.directory.tenants import Tenant

Json = dict[str, Any]

_ANY_ROUTE = (
    "invalid_token",
    "insufficient_scope",
    "bad_request",
    "too_many_requests",
    "unavailable",
)
_WITH_BODY = ("invalid_request", "invalid_json", "unsupported_media_type", "body_too_large")
_CREATING = ("idempotency_in_progress", "idempotency_key_reused")
_REFERENCE = "#/components/schemas/{model}"
_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(CODES)},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "text_id": {"type": "string", "description": "Id of the sentence in `detail`"},
        "field": {"type": "string", "description": "The member that it is about"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "max_age": {"type": "integer", "description": "Seconds"},
        "acr_values": {"type": "array", "items": {"type": "string"}},
    },
}
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
            "schemas": {**_schemas(), "Problem": _PROBLEM},
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
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path or "/", {})[operation.method.lower()] = _described(
            operation
        )
    return paths


def _described(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {**_problems(operation), **_success(operation)},
    }
    if operation.takes is not Nothing:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
    return described


def _parameters(operation: Operation) -> list[Json]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    ids: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    if operation.query is not None:
        members = operation.query.model_json_schema()["properties"]
        ids += [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in members.items()
        ]
    return [*ids, _IDEMPOTENCY_KEY] if operation.creates else ids


def _success(operation: Operation) -> Json:
    if operation.answers is None:
        return {"204": {"description": "Done."}}
    content = _content(operation.answers)
    return {str(operation.status): {"description": operation.summary, "content": content}}


def _problems(operation: Operation) -> Json:
    """One response a status, listing the codes that come with it."""
    by_status: dict[int, list[str]] = {}
    for code in codes_of(operation):
        known = CODES[code]
        by_status.setdefault(known.status, []).append(f"`{code}`: {known.meaning}")
    reference = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": "\n".join(lines),
            "content": {"application/problem+json": {"schema": reference}},
        }
        for status, lines in sorted(by_status.items())
    }


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}


def _schemas() -> Json:
    taken = {each.takes for each in OPERATIONS if each.takes is not Nothing}
    answered = {each.answers for each in OPERATIONS if each.answers is not None}
    models = [(model, "validation") for model in taken] + [
        (model, "serialization") for model in answered
    ]
    ordered: Any = sorted(models, key=lambda each: each[0].__name__)
    _, schema = models_json_schema(ordered, ref_template=_REFERENCE)
    definitions: Json = schema.get("$defs", {})
    return definitions
