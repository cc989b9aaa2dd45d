"""The key by which a tenant signs its SAML messages and opens encrypted assertions.

It is made when the tenant first needs it, with a certificate that only carries it: providers pin
it as it is. Both lie in one sealed secret, so that they always belong together.
"""

import base64
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy.exc import IntegrityError

from app import clock
from app.actor import SYSTEM
from app.changes import Cache
from app.database import read, write
from app.directory import secrets

SECRET = "saml.sp_key"  # noqa: S105 - the name of one
_RSA_BITS = 2_048
_VALID_FOR = timedelta(days=3_650)
_STARTED = timedelta(days=1)
"""Before its making, for providers whose clocks are late."""


@dataclass(frozen=True)
class KeyPair:
    """A private key and its certificate, both PEM."""

    key: str
    certificate: str


_cache: Cache[KeyPair] = Cache("saml_keys", 1_024)
_making = threading.Lock()


def of_tenant(tenant_id: str) -> KeyPair:
    """The tenant's pair, made now if there is none yet. Never call it inside a transaction."""
    found = _cache.get(tenant_id, lambda: _load(tenant_id))
    if found is not None:
        return found
    with _making:
        return _load(tenant_id) or _make(tenant_id)


def new_pair() -> KeyPair:
    """A fresh pair that is kept nowhere."""
    return _opened(_new_line())


def _load(tenant_id: str) -> KeyPair | None:
    with read(tenant_id) as session:
        kept = secrets.get(session, SECRET)
    return None if kept is None else _opened(kept)


def _make(tenant_id: str) -> KeyPair:
    """A new pair, or the one of whoever was faster on another machine."""
    line = _new_line()
    try:
        with write(tenant_id) as session:
            kept = secrets.get(session, SECRET)
            if kept is None:
                secrets.put(session, SYSTEM, SECRET, line)
    except IntegrityError:
        with read(tenant_id) as session:
            kept = secrets.get(session, SECRET)
    return _opened(kept or line)


def _new_line() -> str:
    """Key and certificate as DER in base64, in one line, as secrets are."""
    key = rsa.generate_private_key(65_537, _RSA_BITS)
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = _certificate(key).public_bytes(serialization.Encoding.DER)
    return ".".join(base64.b64encode(each).decode() for each in (private, public))


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AuthPage SAML")])
    now = datetime.fromtimestamp(clock.now_seconds(), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _STARTED)
        .not_valid_after(now + _VALID_FOR)
        .sign(key, hashes.SHA256())
    )


def _opened(line: str) -> KeyPair:
    private, public = (base64.b64decode(each) for each in line.split("."))
    key = serialization.load_der_private_key(private, None)
    certificate = x509.load_der_x509_certificate(public)
    pem = serialization.Encoding.PEM
    return KeyPair(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate.public_bytes(pem).decode(),
    )
