"""Reads JSON request bodies so strictly that every parser would read the same thing (RFC 7493)."""

import json
from collections.abc import Iterator
from typing import Any

from flask import request

from app.errors import Problem, is_clean

MAX_BYTES = 65_536
MAX_DEPTH = 32


def read_json() -> dict[str, Any]:
    """The JSON object in the body of the current request.

    Raises `Problem`: 415 for another content type, 413 beyond 64 KiB, and 400 for anything that is
    not one object in UTF-8 without duplicate names, NaN, NUL, lone surrogates or deep nesting.
    """
    if request.mimetype != "application/json" or not _is_utf8(request.mimetype_params):
        raise Problem("unsupported_media_type", 415, "Send application/json.")
    return parse_object(_bytes())


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` holds; raises `Problem` 400."""
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):  # Bad UTF-8 and numbers of 5,000 digits are ValueErrors.
        raise _invalid("The body is not valid JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("The body must be a JSON object.")
    for text in _texts(document):
        if not is_clean(text):
            raise _invalid("Text must not hold NUL or lone surrogates.")
    return document


def _bytes() -> bytes:
    if (request.content_length or 0) > MAX_BYTES:
        raise _too_large()
    body = request.stream.read(MAX_BYTES + 1)
    # A chunked body has no length to look at, and Werkzeug cuts it off at the limit.
    if len(body) + (request.content_length is None) > MAX_BYTES:
        raise _too_large()
    return body


def _is_utf8(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate name")
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("number out of range")
    return number


def _texts(document: Any) -> Iterator[str]:
    """Every name and text value, without recursion; raises `Problem` for deep nesting."""
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _invalid("The body is nested too deeply.")
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            waiting += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]


def _invalid(detail: str) -> Problem:
    return Problem("invalid_json", 400, detail)


def _too_large() -> Problem:
    return Problem("body_too_large", 413, "The body may have 64 KiB at most.")
