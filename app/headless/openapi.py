"""The OpenAPI document of the headless API, made from the screens, methods and codes themselves."""

from functools import cache
from typing import Any

from pydantic import BaseModel

from app.directory.tenants import Tenant
from app.flow import gallery
from app.flow.screen import Screen
from app.headless.body import Answer, ConfirmLink, InvitationLink, Start, TakeOver
from app.headless.problems import CODES

Json = dict[str, Any]

_TEXT: Json = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {
        "id": {"type": "string", "description": "Stable id of the sentence"},
        "text": {"type": "string", "description": "The sentence in the language of the request"},
    },
}
_RETRY_AFTER: Json = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
_CONFIRMING = "Confirm a mailed link for the flow that it was mailed for"
_INVITING = "Who is invited to where, by the token of the link"
_FLOW_ID: Json = {"name": "flow_id", "in": "path", "required": True, "schema": {"type": "string"}}


def document(tenant: Tenant) -> Json:
    """The document (OpenAPI 3.1) for one tenant."""
    screens = gallery.screens(tenant)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AuthPage headless API",
            "version": "1",
            "description": "Drives the same flows as the hosted pages, for a client's own UI.",
        },
        "servers": [{"url": f"{tenant.base_url}/headless/v1"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "flowToken": {"type": "http", "scheme": "bearer"},
                "invitationToken": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {**_shared(), **_screens(screens)},
        },
    }


def _paths() -> Json:
    begun, started = _answers("Begun", 201), _answers("Started", 201)
    outcome = {
        **_answers("Outcome", 200),
        **_answers("Wrong", 422),
        "429": {
            **_problems()["429"],
            "content": {**_content(_ref("Wrong")), **_problems()["429"]["content"]},
        },
    }
    refused = {"application/problem+json": {"schema": _ref("Problem")}}
    confirmed = {
        **_answers("Released", 200),
        "422": {"description": "The link is spent, or the number wrong", "content": refused},
    }
    token: list[Json] = [{"flowToken": []}]
    return {
        "/flows": {"post": _operation("startFlow", "Start a flow", Start, started, [])},
        "/flows/{flow_id}/take-over": {
            "parameters": [_FLOW_ID],
            "post": _operation(
                "takeOverFlow", "Go on with a flow that the browser began", TakeOver, begun, []
            ),
        },
        "/flows/{flow_id}": {
            "parameters": [_FLOW_ID],
            "get": _operation("showFlow", "The screen that the flow is at", None, outcome, token),
            "post": _operation("answerFlow", "One action on the screen", Answer, outcome, token),
        },
        "/invitations/{invitation_id}": {
            "parameters": [{**_FLOW_ID, "name": "invitation_id"}],
            "get": _operation(
                "showInvitation", _INVITING, None, _opened_invitation(), [{"invitationToken": []}]
            ),
        },
        "/links": {"post": _operation("confirmLink", _CONFIRMING, ConfirmLink, confirmed, [])},
    }


def _opened_invitation() -> Json:
    refused = {"application/problem+json": {"schema": _ref("Problem")}}
    gone = {"description": CODES["invitation_gone"].meaning, "content": refused}
    return {**_answers("Invitation", 200), "422": gone}


def _operation(
    name: str, summary: str, body: type[BaseModel] | None, answers: Json, security: list[Json]
) -> Json:
    operation: Json = {
        "operationId": name,
        "summary": summary,
        "security": security,
        "responses": {**_problems(), **answers},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _content(_schema(body))}
    return operation


def _answers(schema: str, status: int) -> Json:
    described = {"description": schema, "content": _content(_ref(schema))}
    return {str(status): described}


@cache
def _problems() -> Json:
    """One response a status, listing the codes that come with it."""
    by_status: dict[int, list[str]] = {}
    for name, code in CODES.items():
        by_status.setdefault(code.status, []).append(f"`{name}`: {code.meaning}")
    return {
        str(status): {
            "description": "\n".join(lines),
            "content": {
                "application/problem+json": {"schema": _ref("Problem")},
                **(_content(_ref("Wrong")) if status == 429 else {}),
            },
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status, lines in sorted(by_status.items())
        if status != 422
    }


def _shared() -> Json:
    codes = {"type": "string", "enum": sorted(CODES)}
    return {
        "Text": _TEXT,
        "Message": {
            "allOf": [
                _ref("Text"),
                {"properties": {"tone": {"enum": ["error", "info", "success"]}}},
            ]
        },
        "Problem": {
            "type": "object",
            "required": ["code", "status"],
            "properties": {
                "code": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        },
        "Begun": {
            "type": "object",
            "required": ["flow_id", "flow_token", "expires_at", "outcome", "screen"],
            "properties": {
                "flow_id": {"type": "string"},
                "flow_token": {"type": "string", "description": "Bearer token of all later calls"},
                "expires_at": {"type": "string", "format": "date-time"},
                "outcome": {"const": "show"},
                "screen": _ref("Screen"),
            },
        },
        "Started": {
            "oneOf": [_ref("Begun"), _ref("Finished")],
            "description": "Finished at once where an anonymous user was asked for",
        },
        "Outcome": {"oneOf": [_ref(name) for name in ("Show", "GoTo", "Refused", "Finished")]},
        "InvitationLink": _schema(InvitationLink),
        "Invitation": _object(
            id={"type": "string"},
            email={"type": "string"},
            organization=_object(id={"type": "string"}, name={"type": "string"}),
            roles={"type": "array", "items": {"type": "string"}},
            expires_at={"type": "string", "format": "date-time"},
            kind={"enum": ["sign_in", "sign_up"]},
        ),
        "Released": _object(outcome={"const": "released"}),
        "Show": _object(outcome={"const": "show"}, screen=_ref("Screen")),
        "GoTo": _object(outcome={"const": "go_to"}, go_to={"type": "string"}),
        "Refused": _object(
            outcome={"const": "refused"},
            error={"type": "string"},
            go_to={"type": "string", "description": "The way back to the client"},
            response={
                "type": "object",
                "description": "What the client is told: error, state, iss",
            },
        ),
        "Finished": {
            "type": "object",
            "required": ["outcome"],
            "properties": {
                "outcome": {"const": "finished"},
                "go_to": {"type": "string", "description": "Open it in the browser, once"},
                "response": {"type": "object", "description": "Native clients: code, state, iss"},
                "user_id": {"type": "string", "description": "Whom the anonymous user became"},
                "merged_from": {"type": "string", "description": "Who the anonymous user was"},
            },
        },
        "Wrong": _object(outcome={"const": "wrong"}, code=codes, screen=_ref("Screen")),
        "Field": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "kind": {"type": "string"},
                "label": _ref("Text"),
                "value": {"type": "string"},
                "autocomplete": {"type": "string"},
                "required": {"type": "boolean"},
                "error": _or_null(_ref("Text")),
                "hint": _or_null(_ref("Text")),
                "length": {"type": ["integer", "null"]},
                "url": {
                    "type": ["string", "null"],
                    "description": "Where what is consented to can be read",
                },
                "options": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "What a `select` takes",
                },
            },
        },
        "Choice": {
            "type": "object",
            "properties": {
                "value": {"type": "string"},
                "title": {"type": "string"},
                "subtitle": _or_null(_ref("Text")),
            },
        },
    }


def _screens(screens: dict[str, Screen]) -> Json:
    names = {name: f"Screen_{name}" for name in sorted(screens)}
    mapping = {name: f"#/components/schemas/{schema}" for name, schema in names.items()}
    union = {
        "oneOf": [_ref(schema) for schema in names.values()],
        "discriminator": {"propertyName": "name", "mapping": mapping},
    }
    return {"Screen": union, **{names[name]: _screen(each) for name, each in screens.items()}}


def _screen(screen: Screen) -> Json:
    fields = ", ".join(f"`{each.name}`" for each in screen.fields) or "none"
    actions = sorted({each.name for each in screen.actions} | _choosing(screen))
    action = {
        "type": "object",
        "required": ["name", "label"],
        "properties": {
            "name": {"type": "string", "examples": actions},
            "label": _ref("Text"),
            "sends_fields": {"type": "boolean"},
            "waits_until": {"type": ["string", "null"], "format": "date-time"},
            "ceremony": {
                "enum": ["get", "create", None],
                "description": "The method of `navigator.credentials` that fills `credential`",
            },
            "provider": {
                "type": ["string", "null"],
                "description": "The identity provider that it leads to, such as `google`",
            },
            "last_used": {
                "type": "boolean",
                "description": "Whether somebody came in this way last on this browser",
            },
        },
    }
    return {
        "type": "object",
        "description": f"Fields: {fields}. Actions: {', '.join(f'`{each}`' for each in actions)}.",
        "required": ["name", "title", "fields", "choices", "actions", "display"],
        "properties": {
            "name": {"const": screen.name},
            "title": _ref("Text"),
            "subtitle": _or_null(_ref("Text")),
            "message": _or_null(_ref("Message")),
            "fields": {"type": "array", "items": _ref("Field")},
            "choices": {"type": "array", "items": _ref("Choice")},
            "actions": {"type": "array", "items": action},
            "display": {"type": "object", "properties": {each: {} for each in screen.display}},
        },
    }


def _choosing(screen: Screen) -> set[str]:
    """A screen with choices also takes the action `choose`, with the value as `choice`."""
    return {"choose"} if screen.choices else set()


def _object(**properties: Json) -> Json:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _or_null(schema: Json) -> Json:
    return {"oneOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _schema(model: type[BaseModel]) -> Json:
    """The model's schema; those of its parts stand among the shared ones."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema
