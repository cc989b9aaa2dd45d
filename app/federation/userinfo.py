"""What a provider's API tells of the person, by the access token that came with the proof."""

import hashlib
import hmac
from typing import Any

from app.directory.connections import Connection
from app.federation.identity import UpstreamRefused
from app.federation.masking import arrived, cleaned
from app.federation.network import Budget
from app.federation.providers import quirks_of

_MOST_ADDRESSES = 200


def fetch(
    connection: Connection, url: str, access_token: str | None, secret: str | None, budget: Budget
) -> dict[str, Any]:
    """The JSON object at `url`. Raises `UpstreamRefused` where there is none, and `UpstreamAway`.

    A signed answer (`application/jwt`) is not taken; nobody is asked for one.
    """
    found = _ask(connection, url, access_token, secret, budget)
    if not isinstance(found, dict):
        raise UpstreamRefused("response_malformed", {"userinfo": "no JSON object"})
    return found


def of_subject(
    connection: Connection, url: str, access_token: str | None, subject: object, budget: Budget
) -> dict[str, Any]:
    """Claims from an OpenID provider's UserInfo endpoint, about the very subject of the ID token:
    the access token might be another person's (OpenID Connect Core, section 5.3.2)."""
    found = fetch(connection, url, access_token, None, budget)
    if not isinstance(subject, str) or found.get("sub") != subject:
        raise UpstreamRefused(
            "userinfo_mismatch", arrived(found, id_token_sub=cleaned(subject, ()))
        )
    dropped = ("_claim_names", "_claim_sources")
    return {name: value for name, value in found.items() if name not in dropped}


def primary_address(
    connection: Connection, url: str, access_token: str | None, budget: Budget
) -> tuple[str | None, bool]:
    """The primary address of GitHub's list, and whether GitHub verified it; None where the list
    has none, or may not be read."""
    found = _ask(connection, url, access_token, None, budget, may_refuse=True)
    for each in found[:_MOST_ADDRESSES] if isinstance(found, list) else []:
        if isinstance(each, dict) and each.get("primary") is True:
            address = each.get("email")
            return (
                (address, each.get("verified") is True)
                if isinstance(address, str)
                else (None, False)
            )
    return None, False


def _ask(
    connection: Connection,
    url: str,
    access_token: str | None,
    secret: str | None,
    budget: Budget,
    *,
    may_refuse: bool = False,
) -> Any:
    if access_token is None or not (access_token.isascii() and access_token.isprintable()):
        raise UpstreamRefused("response_malformed", {"access_token": "missing"})
    quirks = quirks_of(connection.provider)
    if quirks.proves_secret and secret:
        proof = hmac.new(secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
        url += f"{'&' if '?' in url else '?'}appsecret_proof={proof}"
    headers = {**quirks.headers, "Authorization": f"Bearer {access_token}"}
    reply = budget.get(url, headers=headers)
    if reply.is_good:
        return reply.json()
    if may_refuse:
        return None
    raise UpstreamRefused("provider_error", {"userinfo": reply.summary})
