"""Signed tokens (RFC 7515), read defensively. joserfc does the cryptography; this does the rest:
size first, keys only from the provider's key set, one algorithm a key, the type always checked.
"""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from authpage.errors import InvalidToken
from authpage.jwks import VerificationKey

MAX_TOKEN_LENGTH = 8192


class _Registry(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        # RFC 9864 renamed EdDSA. Providers still sign with the old name, and joserfc warns.
        return self.algorithms["Ed25519" if name == "EdDSA" else name]


_REGISTRY = _Registry()


def verified_claims(
    token: str, find_key: Callable[[str], VerificationKey], types: frozenset[str | None]
) -> dict[str, Any]:
    """Return the claims of a token with a good signature and one of these `typ` values.

    `types` are in lower case; None allows a header without `typ`. No claim is checked here.
    Raises InvalidToken, and what `find_key` raises.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken("the token is too long")
    header = _header(token)
    if header["typ"] not in types:
        raise InvalidToken("the token is of another type")
    key = find_key(header["kid"])
    if header["alg"] not in key.algorithms:
        raise InvalidToken("the signature algorithm does not belong to the key")
    try:
        verified = jws.deserialize_compact(token, key.key, registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise InvalidToken("the signature is wrong") from error
    return _json_object(verified.payload or b"")


def _header(token: str) -> dict[str, Any]:
    if token.count(".") != 2 or not token.isascii():
        raise InvalidToken("the token is not a signed JWT")
    try:
        header = _json_object(urlsafe_b64decode(token.partition(".")[0].encode()))
    except ValueError as error:
        raise InvalidToken("the token's header cannot be read") from error
    if not isinstance(header.get("kid"), str) or not isinstance(header.get("alg"), str):
        raise InvalidToken("the token names no key or no algorithm")
    if "crit" in header or "b64" in header:
        raise InvalidToken("the token uses an extension")
    return header | {"typ": _lower(header.get("typ"))}


def _lower(typ: Any) -> str | None:
    if typ is None:
        return None
    return str(typ).lower().removeprefix("application/")


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise InvalidToken("the token holds no clean JSON") from error
    if not isinstance(value, dict):
        raise InvalidToken("the token holds no JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members
