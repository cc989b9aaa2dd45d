"""Every sentence by its id, in every language, from `locales/<locale>.po`.

The ids are the msgids of the catalogues; English is the source. A placeholder is `{{ name }}` and
is plain substitution, never a template engine, because tenants may write sentences of their own.
Nothing is escaped here: the edge that puts a sentence into HTML or a mail escapes it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, c2py
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"
"""The locale that every other one is translated from, and that stands in for a missing sentence."""

_FOLDER = Path(__file__).resolve().parent.parent / "locales"
CONSOLE = "console."
"""How the ids of the console's sentences begin; they stand in a folder of their own, in English so
far, and no tenant words them anew."""
_MOST_NUMBERS = 200  # Every form of every language is used below it.
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")

Overrides = Mapping[str, Mapping[str, str]]
"""Locale -> text id -> the tenant's own sentence; of one that counts, the id of each form."""


class UnknownText(KeyError):
    """No catalogue has a sentence with this id."""


@cache
def locales() -> tuple[str, ...]:
    """The locales that there is a catalogue for, the source first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.po"))
    return tuple(sorted(found, key=lambda locale: locale != SOURCE))


def translate(
    locale: str,
    text_id: str,
    values: Mapping[str, Any] | None = None,
    overrides: Overrides | None = None,
) -> str:
    """The sentence in `locale`, its placeholders filled in.

    The tenant's own sentence wins, then the catalogue of the locale, then English. A value named
    `count` chooses the plural form. A placeholder without a value stays as it is written, so that
    it is noticed. Raises `UnknownText` when there is no such id.
    """
    given = values or {}
    own = _own((overrides or {}).get(locale, {}), locale, text_id, given)
    return fill(own if own is not None else _sentence(locale, text_id, given), given)


def form_id(text_id: str, form: int) -> str:
    """The id under which a tenant keeps its own words for one plural form."""
    return f"{text_id}[{form}]"


@cache
def plural_numbers(locale: str) -> tuple[tuple[int, ...], ...]:
    """For each plural form of the language, in the order of its catalogue, the first numbers that
    it is used with."""
    rule = _plural_rule(locale)
    used: dict[int, list[int]] = {}
    for number in range(_MOST_NUMBERS):
        used.setdefault(rule(number), []).append(number)
    return tuple(tuple(used[form][:4]) for form in sorted(used))


def has_text(text_id: str) -> bool:
    """Whether there is a sentence with this id."""
    return text_id in catalogue(SOURCE)


def direction(locale: str) -> str:
    """`rtl` for languages that are written from right to left, else `ltr`."""
    return str(Locale.parse(locale, sep="-").text_direction)


def language_name(locale: str) -> str:
    """The name that the language gives itself, such as Deutsch."""
    language = Locale.parse(locale, sep="-")
    name = language.get_display_name(language) or locale
    return name[:1].upper() + name[1:]


def moment(milliseconds: int, locale: str) -> str:
    """A point in time, in UTC and to the minute, as the language writes it."""
    when = datetime.fromtimestamp(milliseconds / 1_000, UTC)
    written = locale.replace("-", "_")
    both = str(get_datetime_format("medium", locale=written)).replace("'", "")
    time = format_time(when, "short", locale=written)
    return both.format(time, format_date(when, "medium", locale=written)) + " UTC"


def day(milliseconds: int, locale: str) -> str:
    """The day of a point in time, in UTC, as the language writes it."""
    when = datetime.fromtimestamp(milliseconds / 1_000, UTC)
    return format_date(when, "medium", locale=locale.replace("-", "_"))


def fill(sentence: str, values: Mapping[str, Any]) -> str:
    """`sentence` with each `{{ name }}` replaced by its value, once: values are not looked into."""
    return _PLACEHOLDER.sub(
        lambda found: str(values[found[1]]) if found[1] in values else found[0], sentence
    )


def placeholders(sentence: str) -> frozenset[str]:
    """The names of the placeholders in `sentence`."""
    return frozenset(_PLACEHOLDER.findall(sentence))


@cache
def catalogue(locale: str) -> Mapping[str, tuple[str, ...]]:
    """Text id -> its plural forms in `locale` (one form for a sentence that does not count).

    Empty for a locale that there is no catalogue for.
    """
    if locale not in locales():
        return {}
    written = (message for message in _read(locale) if message.id and message.string)
    own = {_first(message.id): _all(message.string) for message in written}
    return {**own, **_console(locale)}


@cache
def _console(locale: str) -> Mapping[str, tuple[str, ...]]:
    path = _FOLDER / "console" / f"{locale}.po"
    if not path.exists():
        return {}
    return {
        _first(message.id): _all(message.string)
        for message in _catalog(path, locale)
        if message.id and message.string
    }


def _own(
    sentences: Mapping[str, str], locale: str, text_id: str, values: Mapping[str, Any]
) -> str | None:
    if not sentences or text_id in sentences or "count" not in values:
        return sentences.get(text_id)
    return sentences.get(form_id(text_id, _plural_rule(locale)(int(values["count"]))))


@cache
def _plural_rule(locale: str) -> Callable[[int], int]:
    tried = (locale, locale.partition("-")[0], SOURCE)
    known = next(each for each in tried if each in locales())
    return c2py(_read(known).plural_expr)


def _sentence(locale: str, text_id: str, values: Mapping[str, Any]) -> str:
    for each in dict.fromkeys((locale, locale.partition("-")[0], SOURCE)):
        if len(catalogue(each).get(text_id, ())) > 1:
            return _translations(each).ngettext(text_id, text_id, int(values.get("count", 0)))
        if text_id in catalogue(each):
            return _translations(each).gettext(text_id)
    raise UnknownText(text_id)


@cache
def _translations(locale: str) -> GNUTranslations:
    catalog = _read(locale)
    path = _FOLDER / "console" / f"{locale}.po"
    for message in _catalog(path, locale) if path.exists() else ():
        if message.id:
            catalog.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _read(locale: str) -> Catalog:
    return _catalog(_FOLDER / f"{locale}.po", locale)


def _catalog(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale.replace("-", "_"), abort_invalid=True)


def _first(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _all(string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ())
