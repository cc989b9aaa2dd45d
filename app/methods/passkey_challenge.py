"""Challenges of passkey ceremonies (WebAuthn Level 3, section 13.4.3): signed, so that showing a
page writes nothing, and spent with the answer that lands.

A challenge says when it was made, for which ceremony, and through its signature for which tenant,
epoch and place: a flow, or the account pages of one session. What is new about it is random, so it
can be marked as spent for as long as it would live.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from app import clock, single_use
from app.directory.tenants import Tenant
from app.security import keyring

Ceremony = Literal["get", "create", "create_silently"]
"""Silently: the browser makes the passkey by itself, right after a password was used (conditional
create), so its authenticator neither asks for presence nor verifies anybody."""

LIVES = 5 * clock.MINUTE
"""Milliseconds for which a challenge may be answered."""
_MARK = "passkey_challenge"
_CEREMONIES: tuple[Ceremony, ...] = ("get", "create", "create_silently")
_RANDOM, _TIME, _MAC = 16, 8, 32
_LENGTH = 1 + _TIME + _RANDOM + _MAC


@dataclass(frozen=True)
class Challenge:
    """A challenge that is ours, in time, and for where it was answered."""

    value: bytes
    ceremony: Ceremony
    issued_at: int

    def spend(self, session: Session) -> bool:
        """Mark it inside the landing transaction; False when somebody was first."""
        # Longer than it lives, for web servers whose clocks differ a little.
        until = self.issued_at + 2 * LIVES
        return single_use.mark(session, _MARK, encoded(self.value), until=until)


def issue(tenant: Tenant, ceremony: Ceremony, binding: str) -> bytes:
    """A new challenge for one ceremony at one place."""
    head = bytes([_CEREMONIES.index(ceremony)]) + clock.now().to_bytes(_TIME, "big")
    head += os.urandom(_RANDOM)
    return head + next(_macs(tenant, binding, head))


def open_(tenant: Tenant, binding: str, value: bytes) -> Challenge | None:
    """What `value` was issued as; None when it is not ours, not for here, or older than five
    minutes. Whether it was spent, only `spend` knows."""
    if len(value) != _LENGTH or value[0] >= len(_CEREMONIES):
        return None
    head, mac = value[:-_MAC], value[-_MAC:]
    if not any(hmac.compare_digest(mac, made) for made in _macs(tenant, binding, head)):
        return None
    issued_at = int.from_bytes(head[1 : 1 + _TIME], "big")
    if not issued_at - clock.MINUTE <= clock.now() <= issued_at + LIVES:
        return None
    return Challenge(value, _CEREMONIES[head[0]], issued_at)


def encoded(value: bytes) -> str:
    """Bytes in base64url without padding, as WebAuthn writes them."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url without padding; raises ValueError for anything else."""
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encoded(value) != text:
        raise ValueError("not canonical base64url")
    return value


def _macs(tenant: Tenant, binding: str, head: bytes) -> Iterator[bytes]:
    """The signature under every root key, the newest first."""
    parts = (tenant.id, str(tenant.epoch), binding, head.hex())
    return (bytes.fromhex(mac) for mac in keyring().hashes("passkey challenge", *parts))
