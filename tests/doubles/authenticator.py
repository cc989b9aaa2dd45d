"""An authenticator and the browser around it, in software: real CBOR, COSE keys and signatures.

Whatever it is told to lie about it signs, so that every check of the other side has something to
find. Options and answers are the JSON of WebAuthn Level 3, section 5.1.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ICLOUD = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Json = dict[str, Any]


def b64(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Lies:
    """How one answer differs from an honest one; None and False mean that it does not."""

    origin: str | None = None
    type: str | None = None
    challenge: str | None = None
    rp_id: str | None = None
    flags: int | None = None
    counter: int | None = None
    user_handle: bytes | None = None
    no_user_handle: bool = False
    client_data: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] | None = None
    signed_by: Key | None = None
    fmt: str = "none"
    statement: Mapping[str, Any] = field(default_factory=dict)
    is_discoverable: bool | None = True
    algorithm: int | None = None


HONEST = Lies()


@dataclass(frozen=True)
class Passkey:
    """One key pair, as the authenticator keeps it."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: Key
    counter: int = 0

    @property
    def external_id(self) -> str:
        """Its id in base64url."""
        return b64(self.id)


class Authenticator:
    """Makes passkeys and answers with them, from pages of one origin."""

    def __init__(self, origin: str, aaguid: bytes = ICLOUD, *, counts: bool = False) -> None:
        self.origin = origin
        self.aaguid = aaguid
        self.counts = counts
        self.passkeys: list[Passkey] = []

    def create(self, options: Json, lies: Lies = HONEST, *, algorithm: int = -7) -> str:
        """The answer to `navigator.credentials.create()`; keeps the new passkey."""
        made = Passkey(
            id=os.urandom(16),
            rp_id=options["rp"]["id"],
            user_handle=unb64(options["user"]["id"]),
            key=_new_key(algorithm),
        )
        self.passkeys.append(made)
        client_data = self._client_data("webauthn.create", options["challenge"], lies)
        data = self._data(made, lies, UP | UV | BE | BS | AT, attested=True, algorithm=algorithm)
        statement = {"fmt": lies.fmt, "attStmt": dict(lies.statement), "authData": data}
        answer = {
            "id": b64(made.id),
            "rawId": b64(made.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": _properties(lies),
            "response": {
                "clientDataJSON": b64(client_data),
                "attestationObject": b64(cbor2.dumps(statement)),
                "transports": ["internal", "hybrid"],
            },
        }
        return json.dumps(answer)

    def get(self, options: Json, lies: Lies = HONEST, *, passkey: Passkey | None = None) -> str:
        """The answer to `navigator.credentials.get()`, with the newest passkey that fits."""
        used = passkey or self._fitting(options)
        if self.counts:
            used = self._counted(used)
        client_data = self._client_data("webauthn.get", options["challenge"], lies)
        data = self._data(used, lies, UP | UV | BE | BS, attested=False)
        signed = data + hashlib.sha256(client_data).digest()
        handle = used.user_handle if lies.user_handle is None else lies.user_handle
        answer = {
            "id": b64(used.id),
            "rawId": b64(used.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(data),
                "signature": b64(_sign(lies.signed_by or used.key, signed)),
                "userHandle": None if lies.no_user_handle else b64(handle),
            },
        }
        return json.dumps(answer)

    def _fitting(self, options: Json) -> Passkey:
        allowed = {each["id"] for each in options.get("allowCredentials") or ()}
        fitting = [
            each
            for each in self.passkeys
            if each.rp_id == options["rpId"] and (not allowed or each.external_id in allowed)
        ]
        assert fitting, "no passkey for this site"
        return fitting[-1]

    def _counted(self, used: Passkey) -> Passkey:
        counted = replace(used, counter=used.counter + 1)
        self.passkeys[self.passkeys.index(used)] = counted
        return counted

    def _client_data(self, type: str, challenge: str, lies: Lies) -> bytes:
        told = {
            "type": lies.type or type,
            "challenge": challenge if lies.challenge is None else lies.challenge,
            "origin": self.origin if lies.origin is None else lies.origin,
            "crossOrigin": False,
            **lies.client_data,
        }
        return json.dumps(told).encode()

    def _data(
        self, passkey: Passkey, lies: Lies, flags: int, *, attested: bool, algorithm: int = -7
    ) -> bytes:
        told = flags if lies.flags is None else lies.flags
        counter = passkey.counter if lies.counter is None else lies.counter
        extensions = b"" if lies.extensions is None else cbor2.dumps(dict(lies.extensions))
        told |= ED if extensions else 0
        rp_id = lies.rp_id or passkey.rp_id
        data = hashlib.sha256(rp_id.encode()).digest() + bytes([told]) + counter.to_bytes(4, "big")
        if attested:
            public = cose_of(passkey.key, lies.algorithm or algorithm)
            length = len(passkey.id).to_bytes(2, "big")
            data += self.aaguid + length + passkey.id + cbor2.dumps(public)
        return data + extensions


def _properties(lies: Lies) -> Json:
    return {} if lies.is_discoverable is None else {"credProps": {"rk": lies.is_discoverable}}


def _new_key(algorithm: int) -> Key:
    if algorithm == -8:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == -257:
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def cose_of(key: Key, algorithm: int) -> dict[int, Any]:
    """The public key in COSE (RFC 9053), said to be of that algorithm."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: algorithm, -1: 6, -2: key.public_key().public_bytes_raw()}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: algorithm, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}
    point = key.public_key().public_numbers()
    return {1: 2, 3: algorithm, -1: 1, -2: _word(point.x), -3: _word(point.y)}


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _sign(key: Key, content: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), SHA256())
    return key.sign(content, ec.ECDSA(SHA256()))
