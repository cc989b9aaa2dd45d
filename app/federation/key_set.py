"""Which of a provider's published keys signed a token (RFC 7517, section 5)."""

from typing import Any

from app.directory.connections import Connection
from app.federation import documents, jose
from app.federation.identity import UpstreamRefused
from app.federation.jose import Header
from app.federation.masking import cleaned
from app.federation.network import Budget

MOST_KEYS = 200


def find(connection: Connection, url: str, header: Header, budget: Budget) -> dict[str, Any]:
    """The one key that a header means. A `kid` that is not known has the keys fetched once more,
    as providers rotate them. Raises `UpstreamRefused` and `UpstreamAway`."""
    found = _matching(documents.load(connection, url, budget), header)
    if not found:
        found = _matching(documents.reload(connection, url, budget), header)
    if len(found) != 1:
        # Without a `kid` there must be no choice (OpenID Connect Core, section 10.1).
        raise UpstreamRefused(
            "key_unknown", {"kid": cleaned(header.kid, ()), "fitting_keys": len(found)}
        )
    return found[0]


def _matching(document: dict[str, Any], header: Header) -> list[dict[str, Any]]:
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise UpstreamRefused("discovery_unusable", {"jwks": "no keys"})
    return [
        key
        for key in keys[:MOST_KEYS]
        if isinstance(key, dict)
        and jose.fits(key, header.alg)
        and header.kid in (None, key.get("kid"))
    ]
