"""The error edge: every failure becomes one stable code, as problem+json, OAuth JSON or a page.

Nothing about the inside leaves here: an unexpected error answers 500 with a support code, and the
log line whose request or flow id ends in it says where it happened.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from flask import Flask, Response, g, json, make_response, request
from flask.globals import request_ctx
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app import support_codes
from app.addresses import BadAddress
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.permissions import Forbidden
from app.hashing import Busy
from app.whereabouts import where

_MACHINE_PATHS = ("/headless/", "/api/", "/oauth2/userinfo", "/oauth2/jwks", "/.well-known/")
_OAUTH_PATHS = ("/oauth2/token", "/oauth2/revoke")
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
_RETRY_SECONDS = 2
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    412: "precondition_failed",
    413: "body_too_large",
    415: "unsupported_media_type",
    421: "misdirected_request",
    429: "too_many_requests",
    431: "headers_too_large",
    503: "unavailable",
}
_REFUSALS = (
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Taken, 409, "taken"),
    (StaleRow, 412, "precondition_failed"),
    (BadValue, 422, "bad_value"),
)
"""What the directory refuses: its sentences may be shown."""
_UNCLEAN = re.compile("[\x00\ufffd\ud800-\udfff]")
_PLAIN_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Something went wrong</title></head>
<body><main><h1>Something went wrong</h1><p>{sentence}</p><p>Support code: {code}</p></main>
</body></html>
"""

_log = structlog.stdlib.get_logger(__name__)


class Problem(Exception):
    """A refusal with a stable code; `errors` turns it into the answer that the caller understands.

    `detail` is an English sentence for developers and holds nothing that the caller did not send;
    `extra` members go beside it in the JSON. `retry_after` is in seconds.
    """

    def __init__(
        self,
        code: str,
        status: int = 400,
        detail: str = "",
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.extra = extra
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


def init_app(app: Flask) -> None:
    """Answer every exception of `app` here, and refuse text that no database could store."""
    app.register_error_handler(Exception, answer)
    app.before_request(refuse_unclean_text)


def answer(error: Exception) -> Response | HTTPException:
    """The response for any exception."""
    if isinstance(error, HTTPException) and _is_answer_already(error):
        return error
    problem = problem_of(error)
    if problem.status >= 500:
        _log.error("request_failed", problem=problem.code, error=where(error))
    response = _json_answer(problem) if wants_json() else _page(problem)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def problem_of(error: Exception) -> Problem:
    """What an exception means to the caller."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, Busy):
        return Problem("busy", 503, "Too much is going on.", retry_after=error.retry_after)
    for kind, status, code in _REFUSALS:
        if isinstance(error, kind):
            return Problem(code, status, str(error))
    if _is_database_away(error):
        return Problem(
            "unavailable", 503, "The database cannot be reached.", retry_after=_RETRY_SECONDS
        )
    if isinstance(error, RecursionError | UnicodeError | DataError | BadAddress):
        return Problem("bad_request", 400, "The request cannot be read.")
    return Problem("internal_error", 500, "Something went wrong here.")


def wants_json() -> bool:
    """Whether the caller is a program: by the path, or because it accepts JSON and not HTML."""
    if request.path.startswith((*_MACHINE_PATHS, *_OAUTH_PATHS)):
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def is_clean(text: str) -> bool:
    """Whether text can be stored and was readable: no NUL, no lone surrogate, no U+FFFD.

    Werkzeug puts U+FFFD where the bytes of a path or a multipart field were not UTF-8.
    """
    return _UNCLEAN.search(text) is None


def refuse_unclean_text() -> None:
    """Refuse paths, queries and forms with NUL bytes or bad UTF-8; raises `Problem` 400."""
    encoded = [request.query_string]
    if request.mimetype == "application/x-www-form-urlencoded":
        encoded.append(_whole_body())
    texts = [request.path, *(_decoded(each) for each in encoded if each)]
    if request.mimetype == "multipart/form-data":
        texts += _texts_of_parts()
    if not all(is_clean(text) for text in texts):
        raise Problem("bad_request", 400, "Text must be UTF-8 without NUL characters.")


def _whole_body() -> bytes:
    """The body, from whose cached bytes the form is parsed later; raises `Problem` 413.

    Werkzeug cuts a chunked body off at the limit where it refuses one that has told its length.
    """
    body = request.get_data(cache=True)
    if request.content_length is None and len(body) >= (request.max_content_length or 0) > 0:
        raise Problem("body_too_large", 413, "The body is too large.")
    return body


def _texts_of_parts() -> list[str]:
    names: list[str | None] = [*request.form]
    if None in names:  # Werkzeug's name for a part that has none.
        raise Problem("bad_request", 400, "Every part of a form needs a name.")
    return [text for name, values in request.form.lists() for text in (name, *values)]


def _decoded(encoded: bytes) -> str:
    """Percent-decoded text, where Werkzeug would leave bad UTF-8 encoded; raises UnicodeError."""
    return unquote_to_bytes(encoded).decode("utf-8")


def _is_answer_already(error: HTTPException) -> bool:
    return error.response is not None or error.code is None or error.code < 400


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    kept = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    if isinstance(error, CSRFError):
        return Problem("csrf_failed", 400, "The form is out of date or came from elsewhere.")
    if isinstance(error, RateLimitExceeded):
        kept["Retry-After"] = str(error.limit.limit.get_expiry())
    if status == 503:
        kept.setdefault("Retry-After", str(_RETRY_SECONDS))
    code = _CODES.get(status, "bad_request" if status < 500 else "internal_error")
    return Problem(code, status, HTTPStatus(status).description, headers=kept)


def _is_database_away(error: Exception) -> bool:
    if isinstance(error, PoolTimeout | OperationalError | InterfaceError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _json_answer(problem: Problem) -> Response:
    if request.path in _OAUTH_PATHS:
        return _json(_oauth_body(problem), "application/json")
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": _request_id(),
        **problem.extra,
    }
    return _json(body, "application/problem+json")


def _oauth_body(problem: Problem) -> dict[str, Any]:
    """The error of RFC 6749, section 5.2; the codes for busy servers are those of 4.1.2.1."""
    if problem.status in (429, 503):
        code = "temporarily_unavailable"
    elif problem.status >= 500:
        code = "server_error"
    else:
        code = "invalid_request"
    return {"error": code, "error_description": problem.detail, **problem.extra}


def _json(body: Mapping[str, Any], media_type: str) -> Response:
    response = make_response(json.dumps(body))
    response.content_type = media_type
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(problem: Problem) -> Response:
    try:
        from app.pages.rendering import error_page  # noqa: PLC0415 (pages import this module)

        text_id = f"problem.{problem.code}"
        if problem.code == "csrf_failed" and _has_page():
            # The form's own page, asked for anew, has a fresh token and what the flow still knows.
            here = request.full_path.rstrip("?")
            return error_page(
                text_id,
                problem.status,
                next_url=f"{request.script_root}{here}",
                next_label="page.try_again",
                request_id=_request_id(),
            )
        return error_page(text_id, problem.status, request_id=_request_id())
    except Exception as error:  # The page of last resort must not depend on what has just failed.
        _log.exception("error_page_failed", error=where(error), exc_info=False)
        code = support_codes.of_id(str(g.get("flow_id") or _request_id()))
        page = _PLAIN_PAGE.format(sentence=escape(problem.detail), code=escape(code))
        return make_response(page)


def _has_page() -> bool:
    """Whether there is a page at this address, and not only something that forms are sent to."""
    adapter = request_ctx.url_adapter
    return adapter is not None and adapter.test(method="GET")


def _request_id() -> str:
    return str(g.get("request_id", ""))
