"""`authpage settings`: every setting of the process, as the environment has it."""

from typing import Any
from urllib.parse import urlsplit

import click

from app.cli.output import Listing, prints
from app.config import Settings

MASK = "•••"


@click.command()
@prints
def settings() -> Listing:
    """List every setting: variable, value, default and what it is for. Secrets are masked."""
    chosen = Settings.from_environment()
    return Listing([_members(chosen, name) for name in Settings.model_fields], _COLUMNS)


_COLUMNS = ("name", "value", "default", "help")


def _members(chosen: Settings, name: str) -> dict[str, Any]:
    described = Settings.model_fields[name]
    default = described.get_default()
    return {
        "name": name.upper(),
        "value": masked(name, getattr(chosen, name)),
        "default": list(default) if isinstance(default, tuple) else _plain(default),
        "help": described.description,
    }


def masked(name: str, value: Any) -> Any:
    """A setting's value without the secrets in it: root keys, tokens, and the passwords of URLs."""
    if name == "root_keys":
        return [f"{key.partition(':')[0]}:{MASK}" for key in value]
    if isinstance(value, tuple):
        return list(value)
    if name.endswith("_token"):
        return MASK if value else value
    if name.endswith("_url"):
        return _masked_url(value)
    return _plain(value)


def _masked_url(url: str) -> str:
    netloc = urlsplit(url).netloc
    userinfo, _, host = netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    return url.replace(netloc, f"{user}:{MASK}@{host}", 1) if colon else url


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
