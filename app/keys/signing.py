"""Signs and verifies JWTs with a tenant's own keys; each key is parsed once in a process.

A token is only ever verified with the key that its `kid` names among ours, under that key's one
algorithm: `jwk`, `jku` and `x5u` headers are read by nobody (RFC 8725, section 3).
"""

import base64
import binascii
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from sqlalchemy import Row

from app import clock
from app.changes import Cache
from app.database import read, write
from app.directory.tenants import Tenant
from app.keys import key_pair, rotation, statements
from app.keys.key_pair import Algorithm, Key

LONGEST_TOKEN = 8_192
"""Characters; longer ones are not parsed."""


class BadToken(Exception):
    """The token is none of ours, or was changed, or is of another kind."""


class _Registry(JWSRegistry):
    """joserfc's registry without its warning about `EdDSA`: clients know this name, and the key's
    curve says already what RFC 9864 wants the name to say."""

    def get_alg(self, name: str) -> Any:
        if name not in key_pair.ALGORITHMS or name not in (self.allowed or ()):
            raise BadToken("algorithm")
        return self.algorithms[name]


_registries = {alg: _Registry(algorithms=[alg]) for alg in key_pair.ALGORITHMS}


@dataclass(frozen=True)
class LoadedKey:
    """A published key; the private half is opened at its first signature."""

    tenant_id: str
    row: Row[Any]
    public: Key

    @cached_property
    def private(self) -> Key:
        """The key that signs."""
        return key_pair.open_private(self.tenant_id, self.row)

    def signs_at(self, now: int) -> bool:
        """Whether it is the time to sign with it."""
        retired_at = self.row.retired_at
        return bool(self.row.active_from <= now and (retired_at is None or now < retired_at))


@dataclass(frozen=True)
class LoadedKeys:
    """A tenant's published keys by their `kid`, the newest first."""

    by_kid: Mapping[str, LoadedKey] = field(default_factory=dict)

    def signer(self, alg: str) -> LoadedKey | None:
        """The key that signs with this algorithm now."""
        now = clock.now()
        fitting = (key for key in self.by_kid.values() if key.row.alg == alg)
        return next((key for key in fitting if key.signs_at(now)), None)


_cache: Cache[LoadedKeys] = Cache("signing_keys", 1_024)
_making = threading.Lock()


def sign(tenant: Tenant, claims: Mapping[str, Any], typ: str, alg: str) -> str:
    """A compact JWT of `claims` with the tenant's current key of `alg`, which is made when a client
    is the first to want it. Never call it inside a transaction."""
    key = _signer(tenant, alg)
    header = {"typ": typ, "alg": alg, "kid": key.row.id}
    return jwt.encode(header, dict(claims), key.private, registry=_registries[_known(alg)])


def verify(tenant: Tenant, token: str, typ: str) -> dict[str, Any]:
    """The claims of a JWT that this tenant signed as a `typ`, of any age; raises `BadToken`."""
    header = _header(token)
    key = _keys(tenant).by_kid.get(str(header.get("kid")))
    if key is None or header.get("alg") != key.row.alg or header.get("typ") != typ:
        raise BadToken("header")
    if "crit" in header or "b64" in header:
        raise BadToken("critical")
    try:
        decoded = jwt.decode(token, key.public, registry=_registries[_known(key.row.alg)])
    except (JoseError, ValueError):
        raise BadToken("signature") from None
    return dict(decoded.claims)


def jwks(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """The JWK Set (RFC 7517, section 5) of public keys: past, present and next."""
    return {"keys": [dict(key.row.public_jwk) for key in _keys(tenant).by_kid.values()]}


def _keys(tenant: Tenant) -> LoadedKeys:
    return _cache.get(tenant.id, lambda: _load(tenant.id)) or LoadedKeys()


def _load(tenant_id: str) -> LoadedKeys | None:
    with read(tenant_id) as session:
        rows = session.execute(statements.KEYS, {"tenant_id": tenant_id, "now": clock.now()}).all()
    loaded = {
        row.id: LoadedKey(tenant_id, row, key_pair.open_public(row.alg, row.public_jwk))
        for row in rows
    }
    return LoadedKeys(loaded) if loaded else None


def _signer(tenant: Tenant, alg: str) -> LoadedKey:
    found = _keys(tenant).signer(alg)
    if found is None:
        with _making:
            if _keys(tenant).signer(alg) is None:
                with write(tenant.id) as session:
                    rotation.create_first(session, alg=_known(alg))
        found = _keys(tenant).signer(alg)
    assert found is not None
    return found


def _known(alg: str) -> Algorithm:
    for known in key_pair.ALGORITHMS:
        if known == alg:
            return known
    raise BadToken("algorithm")


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:
        raise BadToken("form")
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise BadToken("form") from None
    if not isinstance(header, dict):
        raise BadToken("form")
    return header
