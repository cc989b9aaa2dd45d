"""KEY=VALUE changes of a section: how text from the command line becomes a settings document."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_origin

from app.cli.failures import CommandFailed
from app.delivery import message_catalogue
from app.directory.settings import SECTIONS
from app.text import has_text

Document = dict[str, Any]


def changed(section: str, document: Mapping[str, Any], changes: Iterable[str]) -> Document:
    """`document` with the changes made; the values are not checked yet, but for their keys.

    An empty value takes the default back.
    """
    after = dict(document)
    for change in changes:
        path, sign, value = change.partition("=")
        key, _, rest = path.partition(".")
        if not sign:
            raise CommandFailed("bad_settings", f"{change} is not KEY=VALUE.")
        _demand_known(section, key)
        if rest:
            after[key] = _inside(section, key, rest, after.get(key, {}), value)
        elif value:
            after[key] = _parsed(section, key, value)
        else:
            after.pop(key, None)
    return after


def _demand_known(section: str, key: str) -> None:
    known = SECTIONS[section].model_fields
    if key not in known:
        raise CommandFailed(
            "bad_settings", f"{section} has no key {key}; there are {', '.join(known)}."
        )


def _parsed(section: str, key: str, value: str) -> Any:
    """JSON where it looks like JSON, a list where the key holds one; else the text itself, which
    pydantic makes a number or a truth value of."""
    if value == "null" or value[0] in '[{"':
        try:
            return json.loads(value)
        except ValueError:
            raise CommandFailed("bad_settings", f"{key}: the value is not JSON.") from None
    if get_origin(SECTIONS[section].model_fields[key].annotation) is tuple:
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _inside(section: str, key: str, rest: str, held: Mapping[str, Any], value: str) -> Document:
    """The texts of a tenant: LOCALE.TEXT_ID below `overrides`."""
    locale, _, text_id = rest.partition(".")
    if get_origin(SECTIONS[section].model_fields[key].annotation) is not dict or not text_id:
        raise CommandFailed("bad_settings", f"{key} has no part {rest}.")
    if not (has_text(text_id) or message_catalogue.is_own_text(text_id)):
        raise CommandFailed("no_such_text", f"There is no text {text_id}; see locales/en.po.")
    texts = {name: dict(own) for name, own in held.items()}
    own = texts.setdefault(locale, {})
    if value:
        own[text_id] = value
    else:
        own.pop(text_id, None)
    return {name: own for name, own in texts.items() if own}
