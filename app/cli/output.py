"""What a command says: a record or a page of a list; as text, or as one JSON document."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click

Members = Mapping[str, Any]

_MOMENT = re.compile(r"(^|_)(at|until|from|time)$")
"""Fields of this name hold milliseconds, and are shown as ISO 8601."""
_WIDEST = 60


@dataclass(frozen=True)
class Listing:
    """Some things, of which people see the `columns`, and where the next page begins."""

    items: Sequence[Members]
    columns: tuple[str, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Record:
    """One thing with its members; `title` is said above them to people, and `parts`, which are
    members too, follow as tables."""

    members: Members
    title: str = ""
    parts: Mapping[str, Listing] = field(default_factory=dict)


Result = Record | Listing


def prints(command: Callable[..., Result]) -> Callable[..., None]:
    """Let a command return what it says, and give it the option `--json`."""

    @wraps(command)
    def printing(*args: Any, as_json: bool, **values: Any) -> None:
        show(command(*args, **values), as_json=as_json)

    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return option(printing)


def show(result: Result, *, as_json: bool) -> None:
    """Print a result on standard output."""
    if as_json:
        click.echo(json.dumps(_document(result), ensure_ascii=False, indent=2))
    elif isinstance(result, Record):
        tables = [line for part in result.parts.values() for line in ("", *_table(part))]
        title = [result.title] if result.title else []
        click.echo("\n".join([*title, *_lines(result.members), *tables]))
    else:
        click.echo("\n".join(_table(result)))


def members_of(thing: Any, *without: str) -> dict[str, Any]:
    """The fields of a dataclass instance, times as ISO 8601."""
    assert is_dataclass(thing)
    return {
        each.name: readable(each.name, getattr(thing, each.name))
        for each in fields(thing)
        if each.name not in without
    }


def readable(name: str, value: Any) -> Any:
    """A value for JSON: milliseconds under the name of a moment become ISO 8601."""
    if isinstance(value, int) and not isinstance(value, bool) and _MOMENT.search(name):
        return iso(value)
    return list(value) if isinstance(value, tuple) else value


def iso(milliseconds: int) -> str:
    """A moment as ISO 8601 in UTC."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(result: Result) -> Members:
    if isinstance(result, Record):
        return {**result.members, **{name: [*each.items] for name, each in result.parts.items()}}
    return {"items": list(result.items), "next_cursor": result.next_cursor}


def _lines(members: Members) -> list[str]:
    width = max((len(name) for name in members), default=0)
    return [f"  {name:<{width}}  {_indented(value, width + 4)}" for name, value in members.items()]


def _indented(value: Any, by: int) -> str:
    """The text of a value; further lines of it stand below its first."""
    if not isinstance(value, str) or "\n" not in value.strip():
        return _text(value)
    return f"\n{' ' * by}".join(_safe(line) for line in value.strip().split("\n"))


def _table(listing: Listing) -> list[str]:
    if not listing.items:
        return ["Nothing to show."]
    rows = [[_short(_text(item.get(each))) for each in listing.columns] for item in listing.items]
    rows.insert(0, [name.replace("_", " ").upper() for name in listing.columns])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [*lines, f"More: --after {listing.next_cursor}"] if listing.next_cursor else lines


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return _safe(", ".join(value))
    if isinstance(value, dict | list):
        return _safe(json.dumps(value, ensure_ascii=False))
    return _safe(str(value))


def _safe(text: str) -> str:
    """Without control characters: a name in the database must not steer the terminal."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
