"""Routes whose requests may have larger bodies than others."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.errors import Problem

LONGEST = 352 * 1024
"""Bytes: signed XML or metadata of 256 KiB, as long as a form's escapes may make it."""
_MARK = "takes_documents"
_View = TypeVar("_View", bound=Callable[..., Any])


def takes_documents(refusal: str, most: int = LONGEST) -> Callable[[_View], _View]:
    """Let a route take what identity providers send, what describes them, or pictures: at most so
    many bytes. `refusal` is the problem's code for more than that."""

    def mark(view: _View) -> _View:
        setattr(view, _MARK, (refusal, most))
        return view

    return mark


def init_app(app: Flask) -> None:
    """Set the bound of such a route before anybody reads the body."""
    app.before_request(_widen)


def _widen() -> None:
    marked = getattr(current_app.view_functions.get(request.endpoint or ""), _MARK, None)
    if marked is None:
        return
    refusal, most = marked
    if (request.content_length or 0) > most:
        raise Problem(refusal, 413, "The body is too large.")
    request.max_content_length = most
    request.max_form_memory_size = most
