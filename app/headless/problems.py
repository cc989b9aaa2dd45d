"""The stable codes of the headless API, each with its status and what a developer does about it."""

from dataclasses import dataclass
from typing import Any

from app.errors import Problem


@dataclass(frozen=True)
class Code:
    """One entry of the documented list."""

    status: int
    meaning: str


CODES: dict[str, Code] = {
    "wrong_answer": Code(422, "The answer is wrong; the screen says why."),
    "wrong_password": Code(422, "The password is not right for that address."),
    "wrong_code": Code(422, "The code is not right; the message says how many tries are left."),
    "malformed_code": Code(422, "The code has another number of digits."),
    "code_locked": Code(422, "The code had too many wrong tries; restart."),
    "code_expired": Code(422, "The code is too old or was replaced; resend."),
    "link_spent": Code(422, "The link is too old, or was used or replaced; resend."),
    "invitation_gone": Code(
        422, "The invitation was answered, replaced or taken back, or is too old."
    ),
    "malformed_number": Code(422, "The number of a link has two digits."),
    "wrong_number": Code(422, "That is not the number; the link no longer works."),
    "sms_unavailable": Code(422, "No text message can go to that number now."),
    "resend_cooldown": Code(429, "A code was sent just now; wait for Retry-After seconds."),
    "rate_limited": Code(429, "Too many tries; wait for Retry-After seconds."),
    "passkey_missing": Code(422, "The field `credential` is empty."),
    "passkey_expired": Code(422, "The challenge is too old or spent; show the screen again."),
    "passkey_unknown": Code(422, "Nobody here has that passkey; the device may forget it."),
    "passkey_refused": Code(422, "The answer of the authenticator is not accepted."),
    "passkey_exists": Code(422, "That passkey is kept already."),
    "too_many_passkeys": Code(422, "The person has as many passkeys as there may be."),
    "email_invalid": Code(422, "That is no email address."),
    "username_taken": Code(422, "Somebody has that username; choose another."),
    "weak_password": Code(422, "The new password is too short or too well known."),
    "invalid_fields": Code(422, "Some fields are wrong; each says why."),
    "unknown_choice": Code(422, "That is not one of the choices."),
    "unknown_action": Code(422, "The screen does not offer that action."),
    "account_disabled": Code(422, "The account was disabled."),
    "connection_disabled": Code(422, "The provider cannot be used any more; choose another way."),
    "sso_required": Code(
        422, "The address belongs to an organization that asks for its own provider."
    ),
    "flow_unknown": Code(404, "There is no such flow, or the flow token is not its own."),
    "flow_expired": Code(410, "The flow took too long; start a new one."),
    "flow_finished": Code(409, "The flow is finished; its answer was given once."),
    "anonymous_not_allowed": Code(403, "The client may not make anonymous users."),
    "anonymous_token_invalid": Code(
        400, "It is no good access token that this client has of an anonymous user."
    ),
    "client_not_allowed": Code(403, "Only first-party clients may draw the flow by themselves."),
    "invalid_request": Code(400, "A parameter is missing, malformed or of the wrong type."),
    "invalid_json": Code(400, "The body is not one JSON object in clean UTF-8."),
    "bad_request": Code(400, "The request cannot be read."),
    "body_too_large": Code(413, "The body may have 64 KiB at most."),
    "too_many_requests": Code(429, "Too many requests from this network; wait for Retry-After."),
    "unavailable": Code(503, "The service cannot answer now; retry after Retry-After seconds."),
    "unsupported_media_type": Code(415, "The body must be application/json."),
    "busy": Code(503, "Too many password checks are waiting; retry after Retry-After seconds."),
}


def problem(code: str, detail: str | None = None, **extra: Any) -> Problem:
    """The problem (RFC 9457) with this code."""
    known = CODES[code]
    return Problem(code, known.status, detail or known.meaning, **extra)
