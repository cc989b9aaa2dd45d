"""The authorization request, and what its answer says before any token is asked for.

(RFC 6749, section 4.1; OpenID Connect Core, section 3.1.2; RFC 7636; RFC 9207)
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.directory.connections import Connection
from app.federation import discovery
from app.federation.identity import UpstreamRefused
from app.federation.masking import cleaned
from app.federation.providers import quirks_of

LONGEST_CODE = 8_192
_DENIED = {"access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied"}
_FROM_TEMPLATE = "{tenantid}"


@dataclass(frozen=True)
class Wanted:
    """What a sign-in asks of the provider, beyond the person."""

    login_hint: str | None = None
    prompt: str | None = None
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    locale: str = ""


def make_nonce() -> str:
    """A nonce, or a code verifier (RFC 7636, section 4.1): 43 characters."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> dict[str, str]:
    """The parameters of PKCE with S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {"code_challenge": encoded, "code_challenge_method": "S256"}


def passed_on(connection: Connection, wanted: Wanted) -> dict[str, str]:
    """What the client asked for, in the provider's words; what it does not know is left out."""
    quirks = quirks_of(connection.provider)
    made: dict[str, str] = {}
    for each in (wanted.prompt or "").split():
        if quirks.prompts is None:
            made["prompt"] = f"{made['prompt']} {each}" if "prompt" in made else each
        else:
            made |= quirks.prompts.get(each, {})
    if wanted.login_hint and quirks.login_hint:
        made[quirks.login_hint] = wanted.login_hint
    return made


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The URL with the parameters behind what it has already."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, quote_via=quote)}"


def code_from(
    connection: Connection, parameters: Mapping[str, str], keep: Mapping[str, str]
) -> str:
    """The code of an answer that may be our provider's. Raises `UpstreamRefused`: the issuer comes
    first, as an error of somebody else's is nobody's either (RFC 9207, section 2.4)."""
    issuer = connection.settings.issuer
    if keep.get("issuer", issuer) != issuer:
        raise UpstreamRefused("issuer_mismatch", {"reason": "the connection changed meanwhile"})
    _demand_issuer(connection, issuer, parameters.get("iss"))
    error = parameters.get("error") or parameters.get("error_code")
    if error:
        raise _refusal(error, parameters)
    code = parameters.get("code", "")
    if len(code) > LONGEST_CODE:
        raise UpstreamRefused("too_large", {"code": f"{len(code)} characters"})
    if not code:
        raise UpstreamRefused("response_malformed", {"code": "missing"})
    return code


def _demand_issuer(connection: Connection, issuer: str, found: str | None) -> None:
    if found is None:
        return
    template = discovery.issuer_template(connection, issuer)
    start, placeholder, end = template.partition(_FROM_TEMPLATE)
    directory = found[len(start) : len(found) - len(end)]
    is_ours = found == template or (
        bool(placeholder)
        and found == f"{start}{directory}{end}"
        and directory.replace("-", "").isalnum()
    )
    if not is_ours:
        raise UpstreamRefused("issuer_mismatch", {"iss": cleaned(found, ()), "expected": template})


def _refusal(error: str, parameters: Mapping[str, str]) -> UpstreamRefused:
    """Whatever words a provider sends stay with the admins; people get a sentence of ours (I09)."""
    words = parameters.get("error_description") or parameters.get("error_message") or ""
    shown = {"error": cleaned(error, ()), "error_description": cleaned(words, ())}
    is_theirs = error in _DENIED or parameters.get("error_reason") in _DENIED
    return UpstreamRefused("access_denied_upstream" if is_theirs else "provider_error", shown)
