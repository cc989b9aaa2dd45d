"""Names that people give, made harmless for wherever they are shown: pages, mails, lists, logs."""

import re
import unicodedata

from app.directory.errors import BadValue

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories that draw nothing or turn the text around it: controls, line breaks, bidi
marks, surrogates, unassigned."""
_LONGEST_KEY = 100
_JOINERS = "\u200c\u200d"
"""Format characters that Persian, Indic scripts and emoji need inside a word."""


def is_key(text: str) -> bool:
    """Whether `text` could be an id or slug of ours: short, printable ASCII. Anything else names
    nothing, and may be more than a database takes (NUL, surrogates)."""
    return 0 < len(text) <= _LONGEST_KEY and text.isascii() and text.isprintable()


def clean(text: str, *, most: int = 200) -> str:
    """`text` in NFC without what cannot be seen, with single spaces, cut to `most` characters."""
    seen = "".join(
        " " if character in "\t\r\n\u2028\u2029" else character
        for character in unicodedata.normalize("NFC", text[: 4 * most])
        if character in _JOINERS + "\t\r\n\u2028\u2029" or _is_seen(character)
    )
    return " ".join(seen.split())[:most].strip(" " + _JOINERS)


def search_key(name: str | None) -> str | None:
    """The form by which a name is found: folded, without accents; None where nothing is left."""
    bare = unicodedata.normalize("NFKD", name or "")
    kept = "".join(c for c in bare if not unicodedata.combining(c) and c not in _JOINERS)
    return " ".join(kept.casefold().split()) or None


def family_key(name: str | None) -> str | None:
    """The same with the last word first, for whoever looks for a family name; None for names of
    one word."""
    words = (search_key(name) or "").split()
    return " ".join([words[-1], *words[:-1]]) if len(words) > 1 else None


def columns(display_name: str | None) -> dict[str, str | None]:
    """A name that a person is shown by, made harmless, and the keys that it is found by."""
    shown = clean(display_name or "") or None
    return {
        "display_name": shown,
        "name_key": search_key(shown),
        "family_key": family_key(shown),
    }


def required(field: str, text: str, *, most: int = 200) -> str:
    """The same, for a name that must not be empty; raises `BadValue`."""
    name = clean(text, most=most)
    if not name:
        raise BadValue(field, "The name must not be empty.")
    return name


def slug(text: str) -> str:
    """`text` when it can stand in a URL: lower-case ASCII letters, digits and inner hyphens, 63 at
    most; raises `BadValue`."""
    if not _SLUG.fullmatch(text):
        raise BadValue("slug", "A slug has 1 to 63 letters a-z, digits or inner hyphens.")
    return text


def slug_of(name: str) -> str:
    """A slug made from a name; empty when nothing of it can stand in a URL."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN
