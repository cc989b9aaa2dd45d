"""Encrypts an assertion as XML Encryption 1.1 has it, by AES-GCM and OAEP with SHA-256, which
Debian's xmlsec1 does not know yet."""

import base64
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.doubles.xmlsec1 import DS, SHA256, XENC, XENC11, assertion_in

_NONCE_BYTES = 12


def encrypt(document: str, certificate: str, bits: int = 256) -> str:
    """Put the response's assertion into an EncryptedAssertion for the owner of the certificate."""
    start, end = assertion_in(document)
    key, nonce = AESGCM.generate_key(bits), os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, document[start:end].encode(), None)
    data = (
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{XENC11}aes{bits}-gcm"/>'
        f"<ds:KeyInfo>{_wrapped(key, certificate)}</ds:KeyInfo>"
        f"{_value(sealed)}</xenc:EncryptedData>"
    )
    element = "saml:EncryptedAssertion"
    return f"{document[:start]}<{element}>{data}</{element}>{document[end:]}"


def _wrapped(key: bytes, certificate: str) -> str:
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return (
        f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{XENC11}rsa-oaep">'
        f'<ds:DigestMethod Algorithm="{SHA256}"/>'
        f'<x11:MGF xmlns:x11="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>'
        f"</xenc:EncryptionMethod>{_value(public.encrypt(key, oaep))}</xenc:EncryptedKey>"
    )


def _value(raw: bytes) -> str:
    text = base64.b64encode(raw).decode()
    return f"<xenc:CipherData><xenc:CipherValue>{text}</xenc:CipherValue></xenc:CipherData>"
