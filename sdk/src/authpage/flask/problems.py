"""What people see when something went wrong: a sentence they understand, and a way on."""

from dataclasses import dataclass

from flask import Response, jsonify, make_response, render_template, request, url_for

from authpage.errors import AuthPageError, LoginRequired, OAuthError, ProviderUnavailable


@dataclass(frozen=True)
class Problem:
    """One page. `code` is for programs, which get JSON."""

    code: str
    status: int
    title: str
    message: str
    action: str = "Try again"


EXPIRED = Problem(
    "login_expired",
    400,
    "This sign-in has run out",
    "It was finished already, or was open for too long. Please start again.",
)
FAILED = Problem(
    "login_failed",
    400,
    "Sign-in did not work",
    "We could not confirm who you are. Please try again.",
)
CANCELLED = Problem(
    "access_denied",
    403,
    "You are not signed in",
    "The sign-in was cancelled, or access was not allowed.",
)
SIGNED_OUT = Problem(
    "login_required",
    401,
    "Please sign in",
    "You need to sign in to do that.",
    "Sign in",
)
UNAVAILABLE = Problem(
    "temporarily_unavailable",
    503,
    "Sign-in is not reachable",
    "The sign-in service does not answer at the moment. Please try again in a minute.",
)
FORGED = Problem(
    "csrf_failed",
    403,
    "This form is out of date",
    "Nothing was changed. Please go back, load the page again and repeat what you did.",
    "Continue",
)
NO_ORGANIZATION = Problem(
    "organization_required",
    403,
    "Choose an organization",
    "This page belongs to an organization. Sign in to one of yours to see it.",
    "Choose an organization",
)
NOT_ALLOWED = Problem(
    "access_denied",
    403,
    "This page is not for you",
    "Your role does not include this. Ask an administrator of your organization.",
    "Continue",
)

_BY_OAUTH_CODE = {
    "access_denied": CANCELLED,
    "login_required": SIGNED_OUT,
    "interaction_required": SIGNED_OUT,
    "account_selection_required": SIGNED_OUT,
    "consent_required": SIGNED_OUT,
    "temporarily_unavailable": UNAVAILABLE,
    "server_error": UNAVAILABLE,
}


def problem_of(error: AuthPageError) -> Problem:
    """The page for an error."""
    if isinstance(error, OAuthError):
        return _BY_OAUTH_CODE.get(error.code, FAILED)
    if isinstance(error, ProviderUnavailable):
        return UNAVAILABLE
    return SIGNED_OUT if isinstance(error, LoginRequired) else FAILED


def problem_response(problem: Problem, next_url: str | None = None) -> Response:
    """The page `authpage/error.html`, which an app may replace; JSON for who prefers that."""
    if wants_json():
        response = jsonify(error=problem.code, message=problem.message)
    else:
        next_url = next_url or url_for("authpage.login")
        page = render_template("authpage/error.html", problem=problem, next_url=next_url)
        response = make_response(page)
    response.status_code = problem.status
    if problem.status == 503:
        response.headers["Retry-After"] = "30"
    return response


def wants_json() -> bool:
    """Whether this request comes from a program that likes JSON better than a page."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
