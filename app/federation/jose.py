"""joserfc behind a narrow door: which tokens of others are looked at, and how ours are signed.

A token is verified with one public key of the provider's, under one asymmetric algorithm that fits
that key. `none`, HMAC, and keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are refused
or read by nobody (RFC 8725, section 3).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

Key = RSAKey | ECKey | OKPKey
LONGEST_TOKEN = 65_536
"""Characters."""
LEAST_RSA_BITS = 2_048
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
_KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
ALGORITHMS = tuple(_KEY_TYPES)
"""What a provider may sign with."""


class Malformed(Exception):
    """The text is no signed JWT."""


class BadSignature(Exception):
    """The key did not sign this."""


class BadPrivateKey(Exception):
    """The text is no private key that we could sign with."""


class _Registry(JWSRegistry):
    """joserfc's registry for one algorithm, without its warning about the name `EdDSA`, and with
    room for the certificates that some providers put into headers."""

    max_header_length = 16_384

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise BadSignature
        return self.algorithms[name]


_registries = {alg: _Registry(algorithms=[alg], strict_check_header=False) for alg in ALGORITHMS}


@dataclass(frozen=True)
class Header:
    """What a token says about its signature."""

    alg: str
    kid: str | None


def read_header(token: str) -> Header:
    """The header of a compact JWS; raises `Malformed`, for encrypted tokens too."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:
        raise Malformed
    header = _json_object(parts[0])
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or not isinstance(kid, str | None):
        raise Malformed
    if "crit" in header or "b64" in header:
        raise Malformed
    return Header(alg, kid)


def fits(jwk: Mapping[str, Any], alg: str) -> bool:
    """Whether a public key may verify what is signed with `alg`."""
    named = jwk.get("alg", alg) == alg and jwk.get("use", "sig") == "sig"
    operations = jwk.get("key_ops", ["verify"])
    if not named or not isinstance(operations, list) or "verify" not in operations:
        return False
    if jwk.get("kty") != _KEY_TYPES.get(alg):
        return False
    return alg not in _CURVES or jwk.get("crv") == _CURVES[alg]


def verify(token: str, jwk: Mapping[str, Any], alg: str) -> dict[str, Any]:
    """The claims of a token; raises `BadSignature` unless just this key signed it with `alg`, and
    `Malformed` when what it signed are no claims."""
    try:
        decoded = jwt.decode(token, _public(jwk), registry=_registries[alg])
    except (JoseError, ValueError, TypeError, RecursionError):
        _json_object(token.split(".")[1])
        raise BadSignature from None
    return dict(decoded.claims)


def sign(claims: Mapping[str, Any], private_key: str, headers: Mapping[str, str]) -> str:
    """A JWT signed with a private key in PEM: RS256 or ES256, as the key is. Raises
    `BadPrivateKey`."""
    key = load_private(private_key)
    alg = "RS256" if isinstance(key, RSAKey) else "ES256"
    return jwt.encode({**headers, "alg": alg}, dict(claims), key, registry=_registries[alg])


def load_private(pem: str) -> RSAKey | ECKey:
    """The private key; raises `BadPrivateKey` unless it is RSA of 2048 bits or P-256, in clear."""
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError):
        raise BadPrivateKey from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS:
        return RSAKey.import_key(pem.strip())
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return ECKey.import_key(pem.strip())
    raise BadPrivateKey


def _public(jwk: Mapping[str, Any]) -> Key:
    """The key of its public members alone; what else is in there is not looked at."""
    names = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}[jwk["kty"]]
    given: dict[str, str | list[str]] = {name: str(jwk.get(name, "")) for name in ("kty", *names)}
    if jwk["kty"] == "EC":
        return ECKey.import_key(given)
    if jwk["kty"] == "OKP":
        return OKPKey.import_key(given)
    if len(_decoded(str(given["n"])).lstrip(b"\0")) * 8 < LEAST_RSA_BITS:
        raise BadSignature
    return RSAKey.import_key(given)


def _json_object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(part))
    except (binascii.Error, ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(found, dict):
        raise Malformed
    return found


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
