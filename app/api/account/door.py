"""What every route of the account API does: who asks, what was sent, once or again, the answer.

A route says what it takes and answers as pydantic models; the OpenAPI document is made from that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, jsonify, make_response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.wrappers import Response

from app import cross_origin, language
from app.account.owner import Owner
from app.account.refused import NotRecent, Refused
from app.api.account import access
from app.api.account.problems import problem
from app.directory import idempotency
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.errors import Refused as DirectoryRefused
from app.directory.idempotency import Answer, Claim, InProgress, KeyReused
from app.directory.permissions import Forbidden
from app.directory.ways_in import LastFactor, LastWayIn
from app.errors import Problem
from app.json_body import read_json
from app.text import translate

blueprint = Blueprint("account_api", __name__, url_prefix="/api/v1/account")
blueprint.after_request(cross_origin.allow_registered_origins)

_IDEMPOTENCY_KEY = "Idempotency-Key"
_LONGEST_KEY = 255


class Body(BaseModel):
    """What is sent: no unknown members, no guessed types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """What stands in the query: all of it text."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Body):
    """A request without members."""


@dataclass(frozen=True)
class Reply:
    """An answer with headers of its own."""

    body: BaseModel
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One route as its decorator describes it."""

    method: str
    path: str
    name: str
    summary: str
    takes: type[Body]
    query: type[Query] | None
    answers: type[BaseModel] | None
    status: int
    creates: bool
    """Whether it may come with an Idempotency-Key."""
    is_sensitive: bool
    codes: tuple[str, ...]
    """What it may refuse beyond what every route may."""


OPERATIONS: list[Operation] = []
"""Every route, in the order of the document."""

Answered = BaseModel | Reply | None
View = Callable[..., Answered]


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    takes: type[Body] = Nothing,
    query: type[Query] | None = None,
    answers: type[BaseModel] | None = None,
    status: int | None = None,
    creates: bool = False,
    sensitive: bool = False,
    codes: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Serve a view at `path`. It is given the owner, the body when it `takes` one, the query when
    it has one, and the ids in the path; it returns a model, or None for 204."""

    def register(view: View) -> View:
        known = Operation(
            method,
            path,
            view.__name__,
            summary,
            takes,
            query,
            answers,
            status or (200 if answers else 204),
            creates,
            sensitive,
            codes,
        )
        OPERATIONS.append(known)
        rule = path.replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(
            rule, view.__name__, lambda **ids: _serve(known, view, ids), methods=[method]
        )
        return view

    return register


def _serve(known: Operation, view: View, ids: dict[str, str]) -> Response:
    owner = access.owner()
    sent = _sent(known)
    given: list[BaseModel] = [sent] if known.takes is not Nothing else []
    if known.query is not None:
        given.append(_validated(known.query, request.args.to_dict()))

    def act() -> Answered:
        try:
            return view(owner, *given, **ids)
        except _REFUSALS as refusal:
            raise _problem_of(refusal, owner) from None

    key = request.headers.get(_IDEMPOTENCY_KEY)
    if known.creates and key is not None:
        return _once(known, owner, key, sent, act)
    return _response(known, act())


def _once(
    known: Operation, owner: Owner, key: str, sent: BaseModel, act: Callable[[], Answered]
) -> Response:
    """The answer to a request that says by its key when it is the same one again."""
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise problem("invalid_request", f"{_IDEMPOTENCY_KEY} has 1 to 255 printable characters.")
    asked = {"method": request.method, "path": request.path, "body": sent.model_dump(mode="json")}
    try:
        held = idempotency.claim(owner.tenant.id, owner.actor, key, asked)
    except InProgress:
        raise problem("idempotency_in_progress", retry_after=1) from None
    except KeyReused:
        raise problem("idempotency_key_reused") from None
    if isinstance(held, Answer):
        return _json(held.status, held.body, {"Idempotency-Replayed": "true"})
    return _first_time(known, held, act)


def _first_time(known: Operation, held: Claim, act: Callable[[], Answered]) -> Response:
    try:
        response = _response(known, act())
    except BaseException:
        idempotency.release(held)
        raise
    idempotency.answer(held, Answer(response.status_code, response.get_json(silent=True) or {}))
    return response


def _sent(known: Operation) -> BaseModel:
    """The body. Where none is taken, none need come; but what comes must be JSON all the same, so
    that no form of another site is ever taken for a request."""
    if request.method in ("GET", "HEAD"):
        return Nothing()
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if known.takes is Nothing and not has_body and request.mimetype in ("", "application/json"):
        return Nothing()
    return _validated(known.takes, read_json())


def _validated(model: type[BaseModel], given: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fields = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
        raise problem("invalid_request", errors=fields) from None


def _response(known: Operation, answered: Answered) -> Response:
    if answered is None:
        return make_response("", 204)
    reply = answered if isinstance(answered, Reply) else Reply(answered)
    return _json(known.status, reply.body.model_dump(mode="json"), reply.headers)


def _json(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    response = jsonify(body) if body else make_response("")
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers)
    return response


_REFUSALS = (Refused, NotRecent, DirectoryRefused, Forbidden)
_CODE_OF: dict[type[Exception], str] = {
    LastFactor: "last_factor",
    LastWayIn: "last_way_in",
    NotFound: "not_found",
    Forbidden: "not_found",  # What belongs to somebody else does not exist here.
    StaleRow: "precondition_failed",
    Taken: "taken",
}


def _problem_of(refusal: Exception, owner: Owner) -> Problem:
    if isinstance(refusal, NotRecent):
        return _not_recent(refusal)
    if isinstance(refusal, Refused):
        return _refused(refusal, owner)
    if isinstance(refusal, BadValue):
        return problem("bad_value", str(refusal), field=refusal.field)
    code = next(code for kind, code in _CODE_OF.items() if isinstance(refusal, kind))
    return problem(code)


def _refused(refusal: Refused, owner: Owner) -> Problem:
    """The sentence that the pages show, in the language of the request, and its id."""
    settings = owner.tenant.settings
    words = translate(
        language.current_locale(), refusal.text.id, refusal.text.values, settings.texts.overrides
    )
    extra: dict[str, str | int | None] = {"text_id": refusal.text.id, "field": refusal.field}
    if refusal.retry_after is not None:
        extra["retry_after"] = refusal.retry_after
    return problem(refusal.code, words, **{k: v for k, v in extra.items() if v is not None})


def _not_recent(refusal: NotRecent) -> Problem:
    """The challenge of RFC 9470, section 3."""
    asked = {"max_age": str(refusal.max_age), "acr_values": " ".join(refusal.acr)}
    members = {name: value for name, value in asked.items() if value}
    challenge = "".join(f', {name}="{value}"' for name, value in members.items())
    return problem(
        "recent_sign_in_required",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_user_authentication"{challenge}'},
        max_age=refusal.max_age,
        acr_values=[*refusal.acr],
    )
