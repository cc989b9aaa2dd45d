"""The pages of the extension: /auth/login, /auth/callback and /auth/logout."""

from typing import cast

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask import current_app as app

from authpage.errors import AuthPageError
from authpage.flask.current import current_authpage, current_session, keep_private
from authpage.flask.problems import EXPIRED, FAILED, problem_of, problem_response
from authpage.return_to import safe_return_to

blueprint = Blueprint("authpage", __name__, url_prefix="/auth", template_folder="templates")

PASSED_THROUGH = ("organization", "prompt", "login_hint", "ui_locales")


@blueprint.get("/login")
def login() -> Response:
    """Send the browser to AuthPage. `organization`, `prompt`, `login_hint` and `ui_locales` are
    passed on; `return_to` is a page of this app."""
    if request.method == "HEAD":
        return make_response("")
    wishes = {name: request.args[name] for name in PASSED_THROUGH if request.args.get(name)}
    return current_authpage().login(request.args.get("return_to"), **wishes)


@blueprint.get("/callback")
def callback() -> Response:
    """Where AuthPage sends the browser back to, with a code or an error."""
    if request.method == "HEAD":
        return make_response("")
    keep_private()
    if any(len(values) > 1 for values in request.args.to_dict(flat=False).values()):
        return problem_response(FAILED)
    authpage = current_authpage()
    state = request.args.get("state", "")
    begun = authpage.logins.find(request, state)
    if begun is None:
        return _nothing_to_finish()
    try:
        response = authpage.finish_login(begun, request.args)
    except AuthPageError as error:
        app.logger.warning("authpage: login failed: %s: %s", type(error).__name__, error)
        response = problem_response(problem_of(error), authpage.login_url(begun.return_to))
    authpage.logins.forget(response, state)
    return response


@blueprint.post("/logout")
def logout() -> Response:
    """End the session here, then at AuthPage."""
    keep_private()
    authpage = current_authpage()
    leave_url = authpage.end_session()
    response = _leave(leave_url) if leave_url else _see(authpage.default_page)
    authpage.clear_cookies(response)
    return response


def _nothing_to_finish() -> Response:
    """Back and reload lead here after a login has been finished: then all is well."""
    if current_session() is not None:
        return _see(current_authpage().default_page)
    return problem_response(EXPIRED)


def _leave(url: str) -> Response:
    """A page that goes on by itself. A redirect would not do: Chromium applies the app's own
    `form-action` policy to every hop after a form was posted."""
    return make_response(render_template("authpage/leave.html", url=url))


def _see(path: str) -> Response:
    return cast(Response, redirect(safe_return_to(path), 303))
