"""Passwords that are known from breaches, looked up offline: nothing about a password leaves us.

A list of the commonest ones comes with AuthPage. BREACHED_PASSWORDS names a larger one: the sorted
download of Have I Been Pwned, with one `SHA-1:count` a line, which is searched where it lies.
"""

import hashlib
import os
import re
from functools import cache
from pathlib import Path
from typing import BinaryIO

import structlog

from app.config import settings

_DIGITS = 40
_LONGEST_LINE = 80
_LINE = re.compile(rb"[0-9A-F]{40}:\d{1,20}\r?\n?")
_SAMPLES = 64
_log = structlog.stdlib.get_logger(__name__)


class BadList(Exception):
    """The file cannot be searched; the text says why, in a sentence."""


def is_breached(password: str) -> bool:
    """Whether the password is known from a breach: by the list that comes with AuthPage, in
    whatever case, or by the file of the settings. A file that cannot be read is logged and left
    out, so that it locks nobody out."""
    if password.casefold() in _commonest():
        return True
    path = settings().breached_passwords
    if path is None:
        return False
    try:
        with path.open("rb") as file:
            return _has(file, _digest(password))
    except OSError as error:
        _log.error("breached_passwords_unreadable", reason=type(error).__name__)
        return False


def check_list(path: Path) -> None:
    """Look at the first lines and at lines all over the file; raises `BadList` unless they are of
    the download format and sorted."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            found = [_line_at(file, size * n // _SAMPLES)[1] for n in range(_SAMPLES)]
    except OSError as error:
        raise BadList(f"{path} cannot be read ({type(error).__name__}).") from None
    lines = [line for line in found if line]
    if not lines or not all(_LINE.fullmatch(line.upper()) for line in lines):
        raise BadList(f"{path} is not a list of SHA-1:count lines.")
    digests = [line[:_DIGITS].upper() for line in lines]
    if digests != sorted(digests):
        raise BadList(f"{path} is not sorted by hash.")


@cache
def _commonest() -> frozenset[str]:
    """The passwords found most often in breaches; loaded when somebody first needs them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])


def _digest(password: str) -> bytes:
    """The key of the list; nothing rests on the strength of SHA-1 here."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()


def _has(file: BinaryIO, digest: bytes) -> bool:
    """Whether a line begins with `digest`; halves the file until one line is left."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        start, line = _line_at(file, middle)
        found = line[:_DIGITS].upper()
        if start >= high or not line or found > digest:
            high = middle
        elif found == digest:
            return True
        else:
            low = start + len(line)
    return False


def _line_at(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """The first line that begins at `offset` or after it, and where; empty at the end."""
    if offset == 0:
        file.seek(0)
        return 0, file.readline(_LONGEST_LINE)
    file.seek(offset - 1)
    skipped = file.readline(_LONGEST_LINE)
    return offset - 1 + len(skipped), file.readline(_LONGEST_LINE)
