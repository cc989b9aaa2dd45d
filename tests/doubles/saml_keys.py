"""RSA keys with certificates for the SAML peers of tests, made anew for each run."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class KeyFiles:
    """A private key and its certificate as PEM files."""

    key: Path
    certificate: Path

    @property
    def pem(self) -> str:
        """The certificate."""
        return self.certificate.read_text()


def make_keys(folder: Path, name: str, *, days: float = 365, bits: int = 2_048) -> KeyFiles:
    """Fresh files in `folder`; the certificate ends `days` from now, or ended if negative."""
    key = rsa.generate_private_key(65_537, bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    files = KeyFiles(folder / f"{name}.key.pem", folder / f"{name}.crt.pem")
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return files
