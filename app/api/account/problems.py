"""The stable codes of the account API, each with its status and what a developer does about it."""

from typing import Any

from app.errors import Problem
from app.headless.problems import Code

CODES: dict[str, Code] = {
    "invalid_token": Code(401, "There is no access token, or it is not good any more; get one."),
    "insufficient_scope": Code(403, "The access token lacks the scope `account`."),
    "recent_sign_in_required": Code(
        403, "Sign the person in again, as `max_age` and `acr_values` of the challenge say."
    ),
    "not_found": Code(404, "There is no such thing in this account."),
    "taken": Code(409, "Somebody has it already."),
    "last_way_in": Code(409, "Without it the person could not sign in any more."),
    "last_factor": Code(409, "A second factor is required, and this is the last one."),
    "idempotency_in_progress": Code(409, "The same request is being answered; send it again soon."),
    "idempotency_key_reused": Code(422, "The key was sent with another request; take a new one."),
    "precondition_failed": Code(412, "It changed since it was read; read it again."),
    "bad_value": Code(422, "The value cannot be stored; `field` says which."),
    "invalid_request": Code(400, "A parameter is missing, malformed or of the wrong type."),
    "invalid_json": Code(400, "The body is not one JSON object in clean UTF-8."),
    "bad_request": Code(400, "The request cannot be read."),
    "body_too_large": Code(413, "The body may have 64 KiB at most."),
    "unsupported_media_type": Code(415, "The body must be application/json."),
    "name_too_long": Code(422, "The name is too long."),
    "unknown_locale": Code(422, "The tenant does not have that language."),
    "weak_password": Code(422, "The new password is too short or too well known."),
    "wrong_password": Code(422, "The current password is not right."),
    "invalid_email": Code(422, "That is no email address."),
    "invalid_phone": Code(422, "That is no phone number."),
    "invalid_username": Code(422, "That cannot be a username."),
    "username_taken": Code(422, "Somebody else has that username."),
    "identifier_taken": Code(422, "Another account has that address or number."),
    "contact_exists": Code(422, "The account has that address or number already."),
    "too_many_contacts": Code(422, "The account has as many of them as one may have."),
    "contact_required": Code(422, "Everybody needs one of these, and this is the last one."),
    "phone_not_served": Code(422, "No messages are sent to that number."),
    "wrong_code": Code(422, "The code is not right; `detail` says how many tries are left."),
    "malformed_code": Code(422, "The code has another number of digits."),
    "code_locked": Code(422, "The code had too many wrong tries; begin again."),
    "code_expired": Code(422, "The code is too old or was replaced; begin again."),
    "too_many_authenticators": Code(422, "The person has as many authenticators as one may have."),
    "wrong_answer": Code(422, "The answer is not accepted; `detail` says why."),
    "no_second_factor": Code(422, "There is no second factor that codes could stand in for."),
    "invalid_label": Code(422, "The name must not be empty."),
    "too_many_passkeys": Code(422, "The person has as many passkeys as there may be."),
    "passkey_missing": Code(422, "The `credential` is empty."),
    "passkey_refused": Code(422, "The answer of the authenticator is not accepted."),
    "passkey_expired": Code(422, "The challenge is too old or spent; ask for new options."),
    "passkey_exists": Code(422, "That passkey is kept already."),
    "invalid_name": Code(422, "That cannot be the name of an organization."),
    "unknown_organization": Code(422, "There is no such organization that is open."),
    "resend_early": Code(429, "A code was sent just now; wait for Retry-After seconds."),
    "rate_limited": Code(429, "Too many tries; wait for Retry-After seconds."),
    "too_many_requests": Code(429, "Too many requests from this network; wait for Retry-After."),
    "busy": Code(503, "Too many password checks are waiting; retry after Retry-After seconds."),
    "unavailable": Code(503, "The service cannot answer now; retry after Retry-After seconds."),
}
"""Every code that an answer of this API may carry."""


def problem(code: str, detail: str | None = None, **extra: Any) -> Problem:
    """The problem (RFC 9457) with this code."""
    known = CODES[code]
    return Problem(code, known.status, detail or known.meaning, **extra)
