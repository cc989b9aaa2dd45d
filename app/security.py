"""Keyed hashes for secrets that we verify, sealing for secrets that we use.

Both work under versioned root keys: the newest seals and hashes, older ones still open and match.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from app.config import Settings, UnsafeSettings

_NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The sealed bytes were made for another context, under a lost key, or were changed."""


@dataclass(frozen=True)
class RootKey:
    """One version of the root key; sub-keys are derived from it by purpose."""

    version: int
    material: bytes

    def derive(self, purpose: str) -> bytes:
        """A 32-byte sub-key for one purpose (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), 32, None, purpose.encode()).derive(self.material)

    @cached_property
    def hashing(self) -> bytes:
        """The sub-key of keyed hashes."""
        return self.derive("authpage keyed hash")

    @cached_property
    def sealing(self) -> AESGCM:
        """The cipher that seals."""
        return AESGCM(self.derive("authpage sealing"))


class Keyring:
    """The root keys of one installation, newest first."""

    def __init__(self, keys: list[RootKey]) -> None:
        if not keys:
            raise UnsafeSettings(["No root key: set ROOT_KEYS, or run `authpage migrate`."])
        if len({key.version for key in keys}) < len(keys):
            raise UnsafeSettings(["ROOT_KEYS: each key needs a version of its own."])
        self.keys = sorted(keys, key=lambda key: key.version, reverse=True)

    @property
    def newest(self) -> RootKey:
        """The key that seals and hashes."""
        return self.keys[0]

    def hash(self, purpose: str, *parts: str) -> str:
        """A keyed hash (HMAC-SHA256, 64 hex digits) of the parts, different for every purpose."""
        return _hmac(self.newest, purpose, parts)

    def hashes(self, purpose: str, *parts: str) -> Iterator[str]:
        """The same under every key, newest first: what a value stored earlier may look like."""
        return (_hmac(key, purpose, parts) for key in self.keys)

    def matches(self, stored: str, purpose: str, *parts: str) -> bool:
        """Whether `stored` is the parts' keyed hash under any key; compares in constant time."""
        return any(hmac.compare_digest(stored, made) for made in self.hashes(purpose, *parts))

    def seal(self, plain: bytes, context: str) -> bytes:
        """`plain` under AES-256-GCM, bound to `context` (such as tenant, table and row)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self.newest.sealing.encrypt(nonce, plain, context.encode())
        return self.newest.version.to_bytes(2, "big") + nonce + sealed

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for `context`; raises `CannotUnseal`."""
        version, nonce, body = int.from_bytes(sealed[:2], "big"), sealed[2:14], sealed[14:]
        for key in self.keys:
            if key.version == version:
                try:
                    return key.sealing.decrypt(nonce, body, context.encode())
                except InvalidTag:
                    break
        raise CannotUnseal(context)

    def signing_secrets(self) -> list[str]:
        """Secrets for itsdangerous, oldest first as it wants them."""
        return [key.derive("authpage signing").hex() for key in reversed(self.keys)]


def _hmac(key: RootKey, purpose: str, parts: tuple[str, ...]) -> str:
    message = "\x1f".join((purpose, *parts)).encode("utf-8", "surrogatepass")
    return hmac.new(key.hashing, message, hashlib.sha256).hexdigest()


def random_token() -> str:
    """256 random bits as 43 characters of base64url: for cookies, links and tickets."""
    return secrets.token_urlsafe(32)


def keyring() -> Keyring:
    """The root keys of the current application."""
    bound: Keyring = current_app.extensions["authpage_keyring"]
    return bound


def signing_secrets(app: Flask) -> list[str]:
    """The secrets that sign the cookies of `app`, oldest first."""
    bound: Keyring = app.extensions["authpage_keyring"]
    return bound.signing_secrets()


def bind_keyring(app: Flask, settings: Settings) -> None:
    """Give the application its root keys; raises `UnsafeSettings` for none or malformed ones."""
    app.extensions["authpage_keyring"] = Keyring(load_root_keys(settings))


def load_root_keys(settings: Settings) -> list[RootKey]:
    """The keys of ROOT_KEYS, or outside production of the key file, which is made if missing."""
    if settings.root_keys:
        return [_parse(text) for text in settings.root_keys]
    if settings.is_production:
        return []
    return [_parse(text) for text in _key_file(settings.data_dir).read_text().split()]


def new_root_key(version: int) -> str:
    """A fresh root key in the form that ROOT_KEYS takes."""
    return f"{version}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


def _key_file(folder: Path) -> Path:
    path = folder / "root.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".root.key.{os.getpid()}"
        part.touch(mode=0o600)
        part.write_text(new_root_key(1) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # Two first starts agree on one key: link refuses to replace.
        part.unlink()
    return path


def _parse(text: str) -> RootKey:
    version, _, encoded = text.partition(":")
    try:
        material = base64.urlsafe_b64decode(encoded)
        number = int(version)
    except ValueError:
        material, number = b"", 0
    if len(material) != 32 or not 0 < number < 65536:
        raise UnsafeSettings(["ROOT_KEYS: each key is version:base64url of 32 bytes."])
    return RootKey(number, material)
