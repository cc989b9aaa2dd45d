"""The pages that say what went wrong, each with its way on."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from app.pages import rendering


def _fault(text_id: str, status: int) -> Callable[[], Response]:
    return lambda: rendering.error_page(text_id, status, request_id="req_7f3a")


def _spent_notice() -> Response:
    return rendering.error_page(
        "fault.spent_notice", 410, next_url="/recover", next_label="action.recover"
    )


def _csrf_failed() -> Response:
    return rendering.error_page(
        "problem.csrf_failed", 403, next_url="/identify", next_label="page.try_again"
    )


PAGES: dict[str, Callable[[], Response]] = {
    "fault": _fault("fault.bad_redirect", 400),
    "fault-client": _fault("fault.unknown_client", 400),
    "fault-flow": _fault("fault.unknown_flow", 404),
    "fault-browser": _fault("fault.foreign_flow", 403),
    "fault-cookies": _fault("fault.no_cookies", 400),
    "fault-unsolicited": _fault("fault.unsolicited", 403),
    "fault-logout": _fault("fault.logout_refused", 400),
    "fault-link": _fault("fault.spent_link", 410),
    "fault-number": _fault("fault.wrong_number", 422),
    "fault-notice": _spent_notice,
    "fault-setup-link": _fault("fault.setup_link", 410),
    "fault-setup-session": _fault("fault.setup_session", 403),
    "fault-setup-test": _fault("fault.setup_test", 400),
    "fault-recovery": _fault("fault.spent_recovery", 410),
    "problem-page": _fault("problem.not_found", 404),
    "problem-form": _csrf_failed,
    "problem-often": _fault("problem.too_many_requests", 429),
    "problem-ours": _fault("problem.internal_error", 500),
    "problem-away": _fault("problem.unavailable", 503),
}
