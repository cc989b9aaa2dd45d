"""A code for tokens (RFC 6749, section 4.1.3), and what it means when a provider gives none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.directory.connection_settings import OAuthSettings, OidcSettings
from app.directory.connections import Connection
from app.federation.client_authentication import credentials
from app.federation.identity import UpstreamRefused
from app.federation.masking import cleaned
from app.federation.network import Budget, Reply

_OF_THE_CODE = {
    "invalid_grant",
    "bad_verification_code",  # GitHub
    "redirect_uri_mismatch",  # GitHub
    "facebook:100",
}
_OF_THE_CLIENT = {
    "invalid_client",
    "unauthorized_client",
    "incorrect_client_credentials",  # GitHub
    "facebook:1",
    "facebook:101",
}


@dataclass(frozen=True)
class Tokens:
    """What a code was worth. Holds secrets."""

    id_token: str | None = field(repr=False)
    access_token: str | None = field(repr=False)


def redeem(
    connection: Connection,
    settings: OidcSettings | OAuthSettings,
    secret: str | None,
    *,
    endpoint: str,
    code: str,
    redirect_uri: str,
    verifier: str | None,
    budget: Budget,
) -> Tokens:
    """The tokens; raises `UpstreamRefused` with what was wrong, and `UpstreamAway`."""
    authentication = credentials(connection.provider, settings, secret, endpoint)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if verifier is not None:
        form["code_verifier"] = verifier
    reply = budget.post(endpoint, form | authentication.form, authentication.headers)
    document = reply.document()
    if not reply.is_good or document is None or "error" in document:
        raise _refusal(reply, document, [secret, code, verifier, *authentication.form.values()])
    return Tokens(_text(document, "id_token"), _text(document, "access_token"))


def _refusal(
    reply: Reply, document: dict[str, Any] | None, secrets: list[str | None]
) -> UpstreamRefused:
    arrived: dict[str, Any] = {"status": reply.status}
    if document is None or "error" not in document:
        arrived["content_type"] = reply.content_type[:100]
        is_theirs = reply.status in (401, 403)
        return UpstreamRefused("client_refused" if is_theirs else "response_malformed", arrived)
    error, description = _error(document)
    arrived |= {
        "error": cleaned(error, secrets),
        "error_description": cleaned(description, secrets),
    }
    if error in _OF_THE_CODE:
        return UpstreamRefused("code_refused", arrived)
    if error in _OF_THE_CLIENT or reply.status == 401:
        return UpstreamRefused("client_refused", arrived)
    return UpstreamRefused("provider_error", arrived)


def _error(document: Mapping[str, Any]) -> tuple[str, str]:
    """Code and words; Facebook's error is an object, with a number for a code."""
    error = document["error"]
    if isinstance(error, dict):
        return f"facebook:{error.get('code')}", str(error.get("message", ""))
    return str(error), str(document.get("error_description", ""))


def _text(document: Mapping[str, Any], name: str) -> str | None:
    found = document.get(name)
    if not isinstance(found, str | None):
        raise UpstreamRefused("response_malformed", {name: "not text"})
    return found or None
