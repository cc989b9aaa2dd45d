"""The stable codes of the setup API, each with its status and what a developer does about it."""

from typing import Any

from app.errors import Problem
from app.headless.problems import Code

CODES: dict[str, Code] = {
    "invalid_token": Code(401, "There is no setup session, or it is over; open a new link."),
    "not_found": Code(404, "The organization has no such thing."),
    "link_spent": Code(410, "The link was opened, taken back, or is too old; ask for a new one."),
    "bad_value": Code(422, "The value cannot be stored; `field` says which."),
    "bad_domain": Code(422, "That is no domain that a company could claim."),
    "record_missing": Code(422, "The TXT record is not there yet."),
    "dns_away": Code(422, "The DNS did not answer; try again."),
    "domain_taken": Code(422, "Another organization has proven the domain."),
    "metadata_unusable": Code(422, "That is no metadata of one SAML provider."),
    "metadata_away": Code(422, "Nothing usable is at the metadata's URL."),
    "no_connection": Code(422, "Nobody can be made to sign in before a connection is active."),
    "no_domain": Code(422, "A connection is activated once a domain is proven."),
    "not_tested": Code(422, "A connection is activated once a test found it well as it is."),
    "provider_away": Code(422, "The provider cannot be asked; the reports say why."),
    "invalid_request": Code(400, "A member is missing, malformed or of the wrong type."),
    "invalid_json": Code(400, "The body is not one JSON object in clean UTF-8."),
    "bad_request": Code(400, "The request cannot be read."),
    "body_too_large": Code(413, "The body may have 64 KiB at most."),
    "unsupported_media_type": Code(415, "The body must be application/json."),
    "too_many_requests": Code(429, "Too many requests from this network; wait for Retry-After."),
    "unavailable": Code(503, "The service cannot answer now; retry after Retry-After seconds."),
}
"""Every code that an answer of this API may carry."""


def problem(code: str, detail: str | None = None, **extra: Any) -> Problem:
    """The problem (RFC 9457) with this code."""
    known = CODES[code]
    return Problem(code, known.status, detail or known.meaning, **extra)
