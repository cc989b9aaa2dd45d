"""What happens around every request: CSRF checks before it, cookies and cache headers after."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import quote

from flask import Response, current_app, g, redirect, request, url_for
from markupsafe import Markup

from authpage.errors import AuthPageError, LoginRequired
from authpage.flask.csrf import FIELD, SAFE_METHODS
from authpage.flask.current import current_authpage, current_session, keep_private
from authpage.flask.problems import (
    FORGED,
    SIGNED_OUT,
    problem_of,
    problem_response,
    wants_json,
)

V = TypeVar("V", bound=Callable[..., Any])


def csrf_exempt(view: V) -> V:
    """Let a view do without a CSRF token: one that no cookie authorises."""
    cast(Any, view).authpage_csrf_exempt = True
    return view


def csrf_token() -> str:
    """The token for forms and scripts of this page; its cookie goes out with the response."""
    if "authpage_csrf" not in g:
        keep_private()
        csrf, key = current_authpage().csrf, session_key_or_empty()
        known = csrf.in_cookie(request, key)
        g.authpage_csrf = known or csrf.make(key)
        g.authpage_csrf_is_new = known is None
    return cast(str, g.authpage_csrf)


def csrf_field() -> Markup:
    """The hidden field that every form with method POST needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def session_key_or_empty() -> str:
    """The key of this request's session, or "" without one."""
    current = current_session()
    return current.key if current else ""


def this_page() -> str:
    """Path and query of this request, to come back to."""
    path = quote(request.script_root + request.path)
    query = request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


def refuse_forged_request() -> Response | None:
    """Before each request: an unsafe method needs a CSRF token."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_exempt = view is None or getattr(view, "authpage_csrf_exempt", False)
    if request.method in SAFE_METHODS or is_exempt:
        return None
    if current_authpage().csrf.allows(request, session_key_or_empty()):
        return None
    return problem_response(FORGED, current_authpage().default_page)


def finish_response(response: Response) -> Response:
    """After each request: send a new CSRF cookie, keep what is private out of caches."""
    if g.get("authpage_csrf_is_new"):
        authpage = current_authpage()
        authpage.send_csrf_cookie(response, session_key_or_empty(), csrf_token())
    if g.get("authpage_is_private"):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def ask_to_sign_in(_: LoginRequired) -> Response:
    """A page that is read again after signing in; what was posted is not posted again."""
    keep_private()
    if request.method == "GET" and not wants_json():
        response = redirect(url_for("authpage.login", return_to=this_page()), 303)
        return cast(Response, response)
    return problem_response(SIGNED_OUT)


def show_problem(error: AuthPageError) -> Response:
    """Any other error of this package that a view let through."""
    keep_private()
    current_app.logger.warning("authpage: %s: %s", type(error).__name__, error)
    return problem_response(problem_of(error), _way_back())


def _way_back() -> str:
    return this_page() if request.method == "GET" else current_authpage().default_page
