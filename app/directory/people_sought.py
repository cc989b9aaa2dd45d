"""What somebody who looks for a person types, as ranges of keys: a text is never a pattern.

Every way of looking is "begins with" on an indexed key, so a tenant of any size answers at once.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.addresses import BadAddress, parse_email
from app.directory import names
from app.phones import BadPhone, calling_code, parse_phone

Field = Literal["email", "phone", "username", "name", "family_name", "id"]

LONGEST = 320
"""Characters of a search that count: no key is longer."""
_ID = "usr_"
_LAST_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True)
class Range:
    """The keys of one kind that begin with some text: from `start` on, and below `end`."""

    field: Field
    start: str
    end: str


def ranges(typed: str, region: str) -> tuple[Range, ...]:
    """Where to look for what was typed; none for an empty text. `region` is the country of phone
    numbers that are typed without their country's code."""
    text = names.clean(typed, most=LONGEST)
    return tuple(dict.fromkeys(_range(field, start) for field, start in _starts(text, region)))


def _starts(text: str, region: str) -> Iterator[tuple[Field, str]]:
    if not text:
        return
    if text.startswith(_ID):
        yield "id", text
    yield from _of_address(text)
    if "@" in text:
        return
    yield "username", unicodedata.normalize("NFKC", text).lower()
    yield from _of_number(text, region)
    key = names.search_key(text)
    if key:
        yield "name", key
        yield "family_name", key


def _of_address(text: str) -> Iterator[tuple[Field, str]]:
    try:
        yield "email", parse_email(text).key
    except BadAddress:
        yield "email", text.lower()


def _of_number(text: str, region: str) -> Iterator[tuple[Field, str]]:
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if not digits or any(not (c.isdigit() or c in "+ ().-/") for c in text):
        return
    try:
        yield "phone", parse_phone(text, region).key
    except BadPhone:
        yield "phone", f"+{digits}"
        if not text.startswith("+"):
            yield "phone", f"+{calling_code(region)}{digits.lstrip('0')}"


def _range(field: Field, start: str) -> Range:
    return Range(field, start, _after(start))


def _after(start: str) -> str:
    """The first text, in the order of code points, that does not begin with `start` any more."""
    kept = start.rstrip(chr(_LAST_POINT))
    following = ord(kept[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return kept[:-1] + chr(following)
