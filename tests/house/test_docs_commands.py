"""Every command that the documentation shows is taken: its name, its options, its arguments."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import root
from tests.house.sources import files_under, text_of

PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), *files_under("docs", suffix=".md")]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(authpage [a-z][^`\n]*)`")
_REDIRECTION = re.compile(r"\s[<>]\s*\S+")


def _lines(path: Path) -> list[str]:
    content = text_of(path)
    joined = "\n".join(_BLOCK.findall(content)).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.startswith("authpage ")]


def _wrong(line: str) -> str | None:
    """Why the command line would not take it; None when it would."""
    words = shlex.split(_REDIRECTION.sub("", line), comments=True)[1:]
    found: click.Command = root
    while words and isinstance(found, click.Group) and not words[0].startswith("-"):
        name = words.pop(0)
        below = found.get_command(click.Context(found), name)
        if below is None:
            return f"there is no {name} in {found.name}"
        found = below
    if words == ["--help"]:
        return None
    try:
        with found.make_context(found.name, words):
            return None
    except click.ClickException as error:
        return error.format_message()


def _shown() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        yield from ((path, line) for line in _lines(path))


@pytest.mark.parametrize(("path", "line"), [*_shown()], ids=str)
def test_every_command_that_is_shown_is_taken(path: Path, line: str) -> None:
    assert _wrong(line) is None, f"{path}: {line}"


def _named(path: Path) -> Iterator[str]:
    """The commands of a sentence: their options may be left out there, their names not."""
    yield from _SPAN.findall(text_of(path))


def _is_known(line: str) -> bool:
    found: click.Command = root
    for word in line.split()[1:]:
        if not isinstance(found, click.Group) or word.startswith("-"):
            return True
        below = found.get_command(click.Context(found), word)
        if below is None:
            return word == "..."
        found = below
    return True


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_command_that_is_named_exists(path: Path) -> None:
    assert [each for each in _named(path) if not _is_known(each)] == []


def test_the_rules_see_what_they_forbid() -> None:
    assert _wrong("authpage user show jane@example.com") is None
    assert _wrong("authpage user frobnicate jane@example.com")
    assert _wrong("authpage user show jane@example.com --loudly")
    assert _wrong("authpage user show")
    assert not _is_known("authpage user frobnicate")
