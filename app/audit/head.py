"""The signed head of a chain: whoever has one from earlier can tell whether history was rewritten.

It is signed with Ed25519 under a key derived from the root key, and not with one of the tenant's
signing keys: those are rows of the database, so whoever could rewrite the log could put a key of
their own beside it, and they are deleted some time after they retire, while a head that was put
away must be checkable for years. The public half is the same for every tenant, so there is one
thing to note down (`authpage audit key`).
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.security import Keyring, RootKey

_ALGORITHM = "Ed25519"
_TYPE = "authpage-audit-head"
_PURPOSE = "authpage audit head"


class BadHead(Exception):
    """The head was not signed by a key that is known, or was changed."""


@dataclass(frozen=True)
class Head:
    """What is signed: how far the chain goes, and what of it may be gone."""

    tenant: str
    sequence: int
    hash: str
    anchor_sequence: int
    anchor_hash: str
    marks: Mapping[str, int]
    """Family of events -> the moment (milliseconds) before which their content may be gone."""
    at: int
    """When it was signed, in milliseconds."""


def sign(keyring: Keyring, head: Head) -> str:
    """The head as a compact JWS (RFC 7515) under the newest root key."""
    key = _private(keyring.newest)
    header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": key.thumbprint()}
    payload = json.dumps(asdict(head), sort_keys=True, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key, algorithms=[_ALGORITHM])


def public_keys(keyring: Keyring) -> list[dict[str, Any]]:
    """The public keys of heads as JWKs, that of the newest root key first."""
    return [_public(_private(root)) for root in keyring.keys]


def opened(signed: str, keys: Iterable[Mapping[str, Any]]) -> Head:
    """The head inside, if one of these public keys (JWK) signed it; raises `BadHead`."""
    for jwk in keys:
        try:
            key = OKPKey.import_key({name: str(value) for name, value in jwk.items()})
            found = jws.deserialize_compact(signed, key, algorithms=[_ALGORITHM])
            if found.headers().get("typ") == _TYPE:
                return Head(**json.loads(found.payload))
        except (JoseError, ValueError, TypeError):
            continue
    raise BadHead


def _public(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": _ALGORITHM, "use": "sig"}


def _private(root: RootKey) -> OKPKey:
    seed = root.derive(_PURPOSE)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "d": _encoded(seed), "x": _encoded(public)}
    )


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
