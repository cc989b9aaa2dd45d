"""What every route of the setup API does: who asks, by the session that a link opened; what was
sent; the answer. The OpenAPI document is made of what the routes say of themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, make_response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.wrappers import Response

from app import cross_origin, language, tenancy, visitor
from app.account.refused import Refused
from app.api.setup.problems import problem
from app.directory.errors import NotFound
from app.json_body import read_json
from app.setup import access
from app.setup.access import Access
from app.text import translate

blueprint = Blueprint("setup_api", __name__, url_prefix="/api/v1/setup")
blueprint.after_request(cross_origin.allow_registered_origins)


class Body(BaseModel):
    """What is sent: no unknown members, no guessed types."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Operation:
    """One route as its decorator describes it."""

    method: str
    path: str
    name: str
    summary: str
    takes: type[Body] | None
    answers: type[BaseModel] | None
    status: int
    codes: tuple[str, ...]
    """What it may refuse beyond what every route may."""
    is_open: bool
    """Whether it is for whoever has no session yet."""


OPERATIONS: list[Operation] = []
"""Every route, in the order of the document."""

View = Callable[..., BaseModel | None]


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    takes: type[Body] | None = None,
    answers: type[BaseModel] | None = None,
    status: int = 200,
    codes: tuple[str, ...] = (),
    is_open: bool = False,
) -> Callable[[View], View]:
    """Serve a view at `path`. It is given the `Access` unless it is open, the body when it `takes`
    one, and the ids in the path; it returns a model, or None for 204."""

    def register(view: View) -> View:
        known = Operation(
            method, path, view.__name__, summary, takes, answers, status, codes, is_open
        )
        OPERATIONS.append(known)
        rule = path.replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(
            rule, view.__name__, lambda **ids: _serve(known, view, ids), methods=[method]
        )
        return view

    return register


def codes_of(known: Operation) -> tuple[str, ...]:
    """Every code that the route may answer with."""
    codes = ["bad_request", "too_many_requests", "unavailable", *known.codes]
    if not known.is_open:
        codes.append("invalid_token")
    if known.takes is not None:
        codes += ["invalid_request", "invalid_json", "unsupported_media_type", "body_too_large"]
    if "{" in known.path:
        codes.append("not_found")
    return tuple(dict.fromkeys(codes))


def _serve(known: Operation, view: View, ids: dict[str, str]) -> Response:
    given: list[Any] = [] if known.is_open else [_access()]
    if known.takes is not None:
        given.append(_validated(known.takes))
    try:
        answered = view(*given, **ids)
    except Refused as refusal:
        raise _in_words(refusal) from None
    except NotFound:
        raise problem("not_found") from None
    if answered is None:
        return make_response("", 204)
    response = jsonify(answered.model_dump(mode="json"))
    response.status_code = known.status
    response.headers["Cache-Control"] = "no-store"
    return response


def _access() -> Access:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    token = value.strip() if scheme.lower() == "bearer" else ""
    found = access.of(tenancy.current(), visitor.actor(), token, "api") if token else None
    if found is None:
        challenge = 'Bearer error="invalid_token"' if token else "Bearer"
        raise problem("invalid_token", headers={"WWW-Authenticate": challenge})
    return found


def _validated(model: type[Body]) -> Body:
    try:
        return model.model_validate(read_json())
    except ValidationError as error:
        fields = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
        raise problem("invalid_request", errors=fields) from None


def _in_words(refusal: Refused) -> Exception:
    """The sentence that the pages show, in the language of the request, and its id."""
    overrides = tenancy.current().settings.texts.overrides
    locale = language.current_locale()
    words = translate(locale, refusal.text.id, refusal.text.values, overrides)
    extra = {"text_id": refusal.text.id, "field": refusal.field}
    return problem(refusal.code, words, **{k: v for k, v in extra.items() if v is not None})
