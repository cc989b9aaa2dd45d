"""What a tenant may write in place of a shipped sentence."""

import re

from app import text
from app.delivery import message_catalogue
from app.directory.errors import BadValue

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls, and marks that turn the order of what follows: text that is not what it looks like."""
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_WRITTEN = re.compile(r"\{\{\s*[a-z][a-z0-9_]*\s*\}\}")
_SHORT, _LONG = 120, 2_000
_PARTS = {
    message.text_id(part): (message, part)
    for message in message_catalogue.MESSAGES.values()
    for part in message.parts
}


class Missing(BadValue):
    """A placeholder of the shipped sentence is left out, perhaps on purpose."""


def check(text_id: str, sentence: str, *, field: str, is_sure: bool = False) -> str:
    """`sentence` as it may be kept, empty for none; raises `BadValue` at `field` that says what is
    wrong, and `Missing` for a placeholder that is left out unless `is_sure`."""
    clean = sentence.replace("\r\n", "\n").strip()
    if not clean:
        return ""
    if _UNSEEN.search(clean):
        raise BadValue(field, "There were characters that cannot be seen. Look at it without them.")
    clean = (
        _of_message(text_id, clean, field) if text_id in _PARTS else _plain(text_id, clean, field)
    )
    missing = sorted(placeholders(text_id) - text.placeholders(clean))
    if missing and not is_sure:
        raise Missing(field, f"{_named(missing)} is left out. It has to be in the sentence.")
    return clean


def visible(sentence: str) -> str:
    """`sentence` without what cannot be seen."""
    return _UNSEEN.sub("", sentence)


def placeholders(text_id: str) -> frozenset[str]:
    """The names of the values that the shipped sentence says."""
    return text.placeholders(text.catalogue(text.SOURCE).get(text_id, ("",))[0])


def known(text_id: str) -> tuple[str, ...]:
    """Every name that may stand in braces; in a message there are more than it ships with."""
    if text_id in _PARTS:
        message, part = _PARTS[text_id]
        return tuple(sorted({*message.placeholders(part), *placeholders(text_id)}))
    return tuple(sorted(placeholders(text_id)))


def longest(text_id: str) -> int:
    """How many characters the sentence may have: room for three times what it ships with."""
    if text_id in _PARTS:
        return message_catalogue.LONGEST[_PARTS[text_id][1]]
    return min(_LONG, max(_SHORT, 3 * len(text.catalogue(text.SOURCE)[text_id][0])))


def _of_message(text_id: str, sentence: str, field: str) -> str:
    message, part = _PARTS[text_id]
    try:
        return message_catalogue.check(message, part, sentence)
    except BadValue as refusal:
        raise BadValue(field, str(refusal)) from None


def _plain(text_id: str, sentence: str, field: str) -> str:
    line = " ".join(sentence.split())
    if len(line) > longest(text_id):
        raise BadValue(field, f"At most {longest(text_id)} characters; these are {len(line)}.")
    unknown = sorted(text.placeholders(line) - placeholders(text_id))
    if not unknown and not _BRACES.search(_WRITTEN.sub("", line)):
        return line
    what = f"There is no {_named(unknown[:1])} here." if unknown else "These braces mean nothing."
    can = _named(known(text_id))
    raise BadValue(field, f"{what} {f'You can use {can}.' if can else 'It takes no values.'}")


def _named(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"{{{{ {name} }}}}" for name in names)
