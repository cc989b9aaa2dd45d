"""The keys of the double of a provider: published, rotated, and used to sign."""

import base64
import hmac
import json
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

_ALGORITHMS = ["RS256", "ES256", "PS256"]
PUBLISHED = RSAKey.generate_key(2048, auto_kid=False)
"""The key that every double begins with: making one takes long."""


class SigningKeys:
    """Keys by their `kid`; the newest signs."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.private: dict[str, RSAKey | ECKey | OKPKey] = {}
        self.signing = ""
        self.members: dict[str, Any] = {}
        """Further members of every published key."""
        self.add("first", PUBLISHED)

    def add(self, kid: str, key: RSAKey | ECKey | OKPKey, alg: str | None = None) -> None:
        """Publish a key beside the others, and sign with it from now on."""
        jwk = {**key.as_dict(private=False), "kid": kid, "use": "sig"}
        self.published.append(jwk if alg is None else {**jwk, "alg": alg})
        self.private[kid], self.signing = key, kid

    def rotate(self) -> None:
        """Sign with a new key, and withdraw all others."""
        self.published.clear()
        self.add(f"next-{len(self.private)}", RSAKey.generate_key(2048, auto_kid=False))

    def document(self) -> dict[str, Any]:
        """The JWK Set."""
        return {"keys": [{**jwk, **self.members} for jwk in self.published]}

    def header(self) -> dict[str, Any]:
        """What a token's header says of the signature."""
        key = self.private[self.signing]
        alg = "RS256" if isinstance(key, RSAKey) else "EdDSA"
        return {"alg": "ES256" if isinstance(key, ECKey) else alg, "kid": self.signing}

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A compact JWS by the signing key, whatever the header says beside its algorithm."""
        return sign_with(self.private[self.signing], header, claims)


def sign_with(key: Any, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A compact JWS by any key (bytes for HS256), with the algorithm of the header."""
    if header["alg"] == "none":
        return f"{_part(header)}.{_part(claims)}."
    if header["alg"] == "HS256":
        signed = f"{_part(header)}.{_part(claims)}"
        return f"{signed}.{_encoded(hmac.digest(key, signed.encode(), 'sha256'))}"
    if header["alg"] == "EdDSA":
        raw = key.raw_value.sign(f"{_part(header)}.{_part(claims)}".encode())
        return f"{_part(header)}.{_part(claims)}.{_encoded(raw)}"
    registry = jws.JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key, registry=registry)


def _part(document: dict[str, Any]) -> str:
    return _encoded(json.dumps(document, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
