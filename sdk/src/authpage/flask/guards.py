"""Route guards. Each refuses by itself; `login_required` is part of all of them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Response, g, jsonify, make_response, request, url_for
from werkzeug.local import LocalProxy

from authpage.errors import InvalidToken
from authpage.flask.current import current_user, require_session
from authpage.flask.problems import NO_ORGANIZATION, NOT_ALLOWED, problem_response
from authpage.flask.protection import csrf_exempt, this_page
from authpage.tokens import AccessToken, AccessTokenVerifier, InsufficientScope

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, R]
Guarded = Callable[P, R | Response]


def login_required(view: View[P, R]) -> Guarded[P, R]:
    """Somebody must be signed in. A page sends others to sign in and back; all else is a 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        require_session()
        return view(*args, **kwargs)

    return guarded


def organization_required(view: View[P, R]) -> Guarded[P, R]:
    """The person must have signed in to an organization."""

    def refusal() -> Response | None:
        if current_user.org_id:
            return None
        choose = url_for("authpage.login", prompt="select_account", return_to=this_page())
        return problem_response(NO_ORGANIZATION, choose)

    return _guarded(view, refusal)


def role_required(role: str) -> Callable[[View[P, R]], Guarded[P, R]]:
    """The person must have this role in the organization."""
    return _allowing(lambda: role in current_user.roles)


def scope_required(scope: str) -> Callable[[View[P, R]], Guarded[P, R]]:
    """The app must have been granted this scope by the person."""
    return _allowing(lambda: scope in current_user.scopes)


def bearer_required(
    verifier: AccessTokenVerifier, *scopes: str
) -> Callable[[View[P, R]], Guarded[P, R]]:
    """For APIs: an access token for it, with these scopes, in `Authorization` (RFC 6750).

    No cookie is read, so no CSRF token is needed. The view finds the token in `current_token`.
    """

    def decorate(view: View[P, R]) -> Guarded[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            authorization = request.authorization
            if authorization is None or authorization.type != "bearer" or not authorization.token:
                return _bearer_refusal(401, "Bearer")
            try:
                g.authpage_token = verifier.verify(authorization.token, scopes)
            except InsufficientScope:
                wanted = f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'
                return _bearer_refusal(403, wanted)
            except InvalidToken:
                return _bearer_refusal(401, 'Bearer error="invalid_token"')
            return view(*args, **kwargs)

        return csrf_exempt(guarded)

    return decorate


current_token = cast(AccessToken, LocalProxy(lambda: g.authpage_token))
"""The verified access token of this request, inside a view with `bearer_required`."""


def _allowing(is_allowed: Callable[[], bool]) -> Callable[[View[P, R]], Guarded[P, R]]:
    def refusal() -> Response | None:
        return None if is_allowed() else problem_response(NOT_ALLOWED, "/")

    return lambda view: _guarded(view, refusal)


def _guarded(view: View[P, R], refusal: Callable[[], Response | None]) -> Guarded[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        require_session()
        return refusal() or view(*args, **kwargs)

    return guarded


def _bearer_refusal(status: int, challenge: str) -> Response:
    error = "insufficient_scope" if status == 403 else "invalid_token"
    response = make_response(jsonify(error=error), status)
    response.headers["WWW-Authenticate"] = challenge
    return response
