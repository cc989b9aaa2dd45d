"""Row ids: a type prefix and a UUIDv7, so that ids say what they name and sort by time of birth."""

import secrets
import threading

from app import clock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without letters that are easily misread."""
_lock = threading.Lock()
_last = {"milliseconds": -1, "random": 0}


def new_id(prefix: str) -> str:
    """A fresh id such as `usr_01jd3...`: prefix, underscore, 26 characters of base 32.

    The 128 bits are a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then
    74 random bits between the version and variant marks. Within one millisecond a process counts
    on from the last in random steps (section 6.2, method 2), so its ids keep their order. Not a
    secret.
    """
    milliseconds = clock.now() & ((1 << 48) - 1)
    random = _random_bits(milliseconds)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return f"{prefix}_{_base32(value)}"


def lowest(prefix: str, milliseconds: int) -> str:
    """The id before all that are born from this moment on."""
    return f"{prefix}_{_base32(max(milliseconds, 0) << 80)}"


def _random_bits(milliseconds: int) -> int:
    with _lock:
        if _last["milliseconds"] == milliseconds:
            random = (_last["random"] + 1 + secrets.randbits(64)) & ((1 << 74) - 1)
        else:
            random = secrets.randbits(73)  # The top bit is left free to count into.
        _last.update(milliseconds=milliseconds, random=random)
    return random


def _base32(value: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(125, -5, -5))
