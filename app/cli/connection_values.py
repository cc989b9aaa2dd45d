"""What commands about connections are given: KEY=VALUE, JSON files, and secrets, never as
arguments, which others on the machine can see."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from app.cli.failures import CommandFailed
from app.directory.connection_settings import OAuthSettings, OidcSettings, SamlSettings
from app.directory.connections import parse_settings
from app.directory.errors import BadValue
from app.federation.providers import Preset

Settings = OidcSettings | OAuthSettings | SamlSettings
_SECRETS = ("secret", "private_key")


@contextmanager
def bad_values_named() -> Iterator[None]:
    """Say of a value that cannot be stored which one it is."""
    try:
        yield
    except BadValue as error:
        raise CommandFailed("bad_value", f"{error.field}: {error}") from None


def pairs_in(pairs: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The KEY=VALUE arguments; fails for a key that is not known."""
    values = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise CommandFailed("bad_value", f"{pair} is not KEY=VALUE.")
        if key not in known:
            raise CommandFailed("bad_value", f"There is no {key}; there are {', '.join(known)}.")
        values[key] = value
    return values


def preset_values(preset: Preset, pairs: Sequence[str], secret: TextIO | None) -> dict[str, str]:
    """What is given for the fields of a preset, the secret from its file or asked for."""
    if any(_is_secret(preset, pair.partition("=")[0]) for pair in pairs):
        raise CommandFailed("secret_seen", "A secret is no argument. Give it by --secret-file.")
    plain = [each.name for each in preset.fields if each.kind not in _SECRETS]
    values = pairs_in(pairs, plain)
    fields = [each for each in preset.fields if each.kind in _SECRETS]
    if secret is not None and not fields:
        raise CommandFailed("bad_value", f"{preset.name} takes no secret.")
    if secret is not None:
        given = secret_in(secret)
        is_key = given.startswith(("-----BEGIN", "{"))
        fitting = [each for each in fields if (each.kind == "private_key") == is_key]
        values[(fitting or fields)[0].name] = given
    elif any(each.required for each in fields) and sys.stdin.isatty():
        values[fields[0].name] = secret_in(sys.stdin)
    return values


def secret_in(file: TextIO) -> str:
    """The client secret or private key in a file, or asked for at a terminal."""
    if file.isatty():
        return str(click.prompt("Secret", hide_input=True, err=True)).strip()
    secret = file.read(65_536).strip()
    if not secret:
        raise CommandFailed("bad_value", "The file with the secret is empty.")
    return secret


def document_in(file: TextIO) -> dict[str, Any]:
    """The JSON object in a file."""
    try:
        document = json.load(file)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise CommandFailed("bad_settings", "The file is not a JSON object of settings.")
    return document


def merged(settings: Settings, document: Mapping[str, Any]) -> Settings:
    """The settings with those of `document` in their place, its `mapping` name by name; raises
    `BadValue`."""
    before = settings.model_dump(mode="json")
    mapping = document.get("mapping", {})
    if isinstance(mapping, dict):
        mapping = {**before["mapping"], **mapping}
    return parse_settings({**before, **document, "mapping": mapping})


def _is_secret(preset: Preset, name: str) -> bool:
    return any(each.name == name and each.kind in _SECRETS for each in preset.fields)
