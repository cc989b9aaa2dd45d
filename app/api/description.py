"""An OpenAPI document from the routes of an API: paths, schemas and problems. (OpenAPI 3.1)"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.headless.problems import Code

Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{model}"


class Operation(Protocol):
    """What a route says of itself."""

    @property
    def method(self) -> str:
        """As in HTTP."""

    @property
    def path(self) -> str:
        """Below the root of the API, ids in braces."""

    @property
    def name(self) -> str:
        """The operationId."""

    @property
    def summary(self) -> str:
        """One line."""

    @property
    def takes(self) -> type[BaseModel] | None:
        """The body; None, or a model without members, where there is none."""

    @property
    def answers(self) -> type[BaseModel] | None:
        """The answer; None for 204."""

    @property
    def status(self) -> int:
        """Of success."""


def paths(
    operations: Iterable[Operation],
    codes: Mapping[str, Code],
    codes_of: Callable[[Any], Sequence[str]],
    parameters_of: Callable[[Any], Sequence[Json]] = lambda _operation: (),
) -> Json:
    """The routes, each with the problems that it may answer with, and with parameters beside the
    ids in its path."""
    found: Json = {}
    for each in operations:
        described = _described(each)
        described["parameters"] += parameters_of(each)
        described["responses"] |= _problems(codes, codes_of(each))
        found.setdefault(each.path or "/", {})[each.method.lower()] = described
    return found


def schemas(operations: Iterable[Operation]) -> Json:
    """The models that the routes take and answer."""
    models: set[tuple[type[BaseModel], str]] = set()
    for each in operations:
        if each.takes is not None and each.takes.model_fields:
            models.add((each.takes, "validation"))
        if each.answers is not None:
            models.add((each.answers, "serialization"))
    ordered: Any = sorted(models, key=lambda each: each[0].__name__)
    _, schema = models_json_schema(ordered, ref_template=_REFERENCE)
    definitions: Json = schema.get("$defs", {})
    return definitions


def problem(codes: Mapping[str, Code], **more: Json) -> Json:
    """What every refusal looks like (RFC 9457), with further members."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": sorted(codes)},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
            "text_id": {"type": "string", "description": "Id of the sentence in `detail`"},
            "field": {"type": "string", "description": "The member that it is about"},
            "errors": {"type": "object", "additionalProperties": {"type": "string"}},
            **more,
        },
    }


def _described(operation: Operation) -> Json:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ],
        "responses": _success(operation),
    }
    if operation.takes is not None and operation.takes.model_fields:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
    return described


def _success(operation: Operation) -> Json:
    if operation.answers is None:
        return {"204": {"description": HTTPStatus.NO_CONTENT.phrase}}
    content = _content(operation.answers)
    return {str(operation.status): {"description": operation.summary, "content": content}}


def _problems(codes: Mapping[str, Code], of_route: Iterable[str]) -> Json:
    """One response a status, listing the codes that come with it."""
    by_status: dict[int, list[str]] = {}
    for code in of_route:
        by_status.setdefault(codes[code].status, []).append(f"`{code}`: {codes[code].meaning}")
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
