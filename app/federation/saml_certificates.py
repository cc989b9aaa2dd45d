"""X.509 certificates that sign SAML messages: read, compared, and watched until they expire."""

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app import clock
from app.federation.identity import UpstreamRefused

WARN_BEFORE = 30 * clock.DAY
"""Milliseconds before its end that a certificate is warned of."""
_FEWEST_RSA_BITS = 2_048
_UNREADABLE = (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What cryptography raises for what is no certificate, or has a key of a strange kind."""
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Certificate:
    """What admins see of a certificate. Times in milliseconds."""

    pem: str
    fingerprint: str
    """SHA-256 of its DER, in hex."""
    subject: str
    starts_at: int
    expires_at: int

    def is_expired(self) -> bool:
        """Whether its time is over, by the clock of all."""
        return self.expires_at <= clock.now()

    def expires_soon(self) -> bool:
        """Whether it is to be warned of, or is over already."""
        return self.expires_at - clock.now() <= WARN_BEFORE


def read(text: str) -> Certificate:
    """The certificate in `text`: PEM, or the bare base64 of metadata.

    Raises `UpstreamRefused` for anything else, and for RSA keys below 2,048 bits.
    """
    try:
        return _read("".join((_PEM.search(text) or ["", text])[1].split()))
    except _UNREADABLE:
        raise UpstreamRefused("certificate_unknown", {"reason": "not a certificate"}) from None


def readable(pems: Iterable[str]) -> list[Certificate]:
    """Those that can be read, the first to end first. The others prove nothing."""
    found = []
    for each in pems:
        with suppress(UpstreamRefused):
            found.append(read(each))
    return sorted(found, key=lambda each: each.expires_at)


@lru_cache(maxsize=1_024)
def _read(encoded: str) -> Certificate:
    found = x509.load_der_x509_certificate(base64.b64decode(encoded, validate=True))
    _demand_strong(found)
    return Certificate(
        pem=found.public_bytes(serialization.Encoding.PEM).decode(),
        fingerprint=found.fingerprint(hashes.SHA256()).hex(),
        subject=found.subject.rfc4514_string(),
        starts_at=_milliseconds(found.not_valid_before_utc),
        expires_at=_milliseconds(found.not_valid_after_utc),
    )


def _demand_strong(found: x509.Certificate) -> None:
    key = found.public_key()
    is_strong_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _FEWEST_RSA_BITS
    if not is_strong_rsa and not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("weak or unusual key")


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000
