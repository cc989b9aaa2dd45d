"""The OpenAPI document of the setup API, made of its routes and their models."""

from functools import cache

from app.api import description
from app.api.description import Json
from app.api.setup.door import OPERATIONS, codes_of
from app.api.setup.problems import CODES
from app.directory.tenants import Tenant


def document(tenant: Tenant) -> Json:
    """The document (OpenAPI 3.1) for one tenant."""
    scheme = {
        "type": "http",
        "scheme": "bearer",
        "description": "The `session_token` that opening a link gave.",
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AuthPage setup API",
            "version": "1",
            "description": "The setup portal as JSON, behind a setup link.",
        },
        "servers": [{"url": f"{tenant.base_url}/api/v1/setup"}],
        "security": [{"setupSession": []}],
        "paths": _paths(),
        "components": {"securitySchemes": {"setupSession": scheme}, "schemas": _schemas()},
    }


@cache
def _paths() -> Json:
    found = description.paths(OPERATIONS, CODES, codes_of)
    for each in OPERATIONS:
        if each.is_open:
            found[each.path][each.method.lower()]["security"] = []
    return found


@cache
def _schemas() -> Json:
    return {**description.schemas(OPERATIONS), "Problem": description.problem(CODES)}
