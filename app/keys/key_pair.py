"""One key pair: made, sealed for its row, and opened again."""

import json
from typing import Literal, get_args

from joserfc.jwk import ECKey, KeyParameters, OKPKey, RSAKey
from sqlalchemy import Row

from app import clock
from app.ids import new_id
from app.models import SigningKey
from app.security import keyring

Algorithm = Literal["RS256", "ES256", "EdDSA"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
Key = RSAKey | ECKey | OKPKey

_RSA_BITS = 2_048


def make(tenant_id: str, alg: Algorithm, active_from: int) -> SigningKey:
    """A fresh key as a row to insert; it signs from `active_from` (milliseconds) on."""
    kid = new_id("key")
    key = _generate(alg, {"kid": kid, "alg": alg, "use": "sig"})
    private = json.dumps(key.as_dict(private=True)).encode()
    return SigningKey(
        tenant_id=tenant_id,
        id=kid,
        created_at=clock.now(),
        alg=alg,
        public_jwk=dict(key.as_dict(private=False)),
        sealed_private_key=keyring().seal(private, _context(tenant_id, kid)),
        active_from=active_from,
    )


def open_private(tenant_id: str, row: Row[tuple[object, ...]]) -> Key:
    """The private key of a row; raises `CannotUnseal` when it was made under other root keys."""
    opened = keyring().unseal(row.sealed_private_key, _context(tenant_id, row.id))
    return _import(row.alg, json.loads(opened))


def open_public(alg: str, jwk: dict[str, str]) -> Key:
    """The public key of a row."""
    return _import(alg, jwk)


def _generate(alg: Algorithm, given: KeyParameters) -> Key:
    if alg == "ES256":
        return ECKey.generate_key("P-256", given)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", given)
    return RSAKey.generate_key(_RSA_BITS, given)


def _import(alg: str, jwk: dict[str, str]) -> Key:
    given: dict[str, str | list[str]] = {**jwk}
    if alg == "ES256":
        return ECKey.import_key(given)
    if alg == "EdDSA":
        return OKPKey.import_key(given)
    return RSAKey.import_key(given)


def _context(tenant_id: str, kid: str) -> str:
    return f"{tenant_id}/signing_key/{kid}"
