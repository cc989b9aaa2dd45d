"""The provider's public keys, cached. A key is looked up by its id and has one algorithm."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authpage.errors import InvalidToken, ProviderUnavailable

MAX_AGE_SECONDS = 300
"""Younger keys are used without asking. AuthPage publishes a new key for longer before use."""

UNKNOWN_KID_SECONDS = 60
"""Unknown key ids, which anybody can invent, cause at most one fetch in this time."""

STALE_SECONDS = 3600
"""While the provider is away, keys are trusted for this long after they were fetched."""

RETRY_SECONDS = 5

PublicKey = RSAKey | ECKey | OKPKey

_PUBLIC_MEMBERS = ("kty", "crv", "n", "e", "x", "y")


@dataclass(frozen=True)
class _Kind:
    """A kind of key that we accept, and what its one signature algorithm is called."""

    key_class: type[PublicKey]
    algorithms: tuple[str, ...]


_KINDS = {
    ("RSA", "None"): _Kind(RSAKey, ("RS256",)),
    ("EC", "P-256"): _Kind(ECKey, ("ES256",)),
    ("OKP", "Ed25519"): _Kind(OKPKey, ("EdDSA", "Ed25519")),
}


@dataclass(frozen=True)
class VerificationKey:
    """A public key and the names of the one signature algorithm it is good for."""

    key: PublicKey
    algorithms: tuple[str, ...]


class JwksCache:
    """Signing keys by `kid`, fetched when they are first needed. Safe to share by threads."""

    def __init__(self, fetch: Callable[[], Iterable[Any]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, VerificationKey] = {}
        self._fetched_at = float("-inf")
        self._retry_at = float("-inf")
        self._next_unknown_at = float("-inf")

    def key(self, kid: str) -> VerificationKey:
        """Return the key with this id.

        Raises InvalidToken when there is none, ProviderUnavailable when keys cannot be had.
        """
        with self._lock:
            self._refresh_if_old()
            if kid not in self._keys:
                self._look_for_unknown()
            found = self._keys.get(kid)
        if found is None:
            raise InvalidToken("the signing key is unknown")
        return found

    def _refresh_if_old(self) -> None:
        age = self._clock() - self._fetched_at
        if age < MAX_AGE_SECONDS:
            return
        try:
            self._load()
        except ProviderUnavailable:
            if age > STALE_SECONDS:
                raise

    def _look_for_unknown(self) -> None:
        now = self._clock()
        if now < self._next_unknown_at or self._fetched_at == now:
            return
        self._next_unknown_at = now + UNKNOWN_KID_SECONDS
        self._load()

    def _load(self) -> None:
        now = self._clock()
        if now < self._retry_at:
            raise ProviderUnavailable("the provider's keys could not be fetched a moment ago")
        self._retry_at = now + RETRY_SECONDS
        self._keys = _usable_keys(self._fetch())
        self._fetched_at = now
        self._retry_at = float("-inf")


def _usable_keys(jwks: Iterable[Any]) -> dict[str, VerificationKey]:
    keys: dict[str, VerificationKey] = {}
    for jwk in jwks:
        key = _verification_key(jwk)
        if key is not None:
            keys.setdefault(jwk["kid"], key)
    return keys


def _verification_key(jwk: Any) -> VerificationKey | None:
    """A key that verifies signatures, or None. Built from public members alone, never as oct."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        return None
    kind = _KINDS.get((str(jwk.get("kty")), str(jwk.get("crv"))))
    if kind is None or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", kind.algorithms[0]) not in kind.algorithms:
        return None
    public = {name: jwk[name] for name in _PUBLIC_MEMBERS if name in jwk}
    try:
        return VerificationKey(kind.key_class.import_key(public), kind.algorithms)
    except (JoseError, ValueError, TypeError):
        return None
