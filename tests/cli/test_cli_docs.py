"""What the documentation says about commands is so."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from app.cli import root
from tests.house.sources import files_under, text_of

_BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REDIRECTIONS = ("<", ">", "|", "&&")


def _documented() -> Iterator[str]:
    for path in files_under("docs", "README.md", "CONTRIBUTING.md", suffix=".md"):
        for block in _BLOCK.findall(text_of(path)):
            for line in block.splitlines():
                if line.strip().startswith("authpage "):
                    yield line.strip()


def _words(line: str) -> list[str]:
    words = shlex.split(line, comments=True)[1:]
    ends = [index for index, word in enumerate(words) if word in _REDIRECTIONS]
    return words[: ends[0]] if ends else words


def _resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words name, and the words that are left for it."""
    command: click.Command = root
    context = click.Context(command)
    left = list(words)
    while isinstance(command, click.Group) and left:
        if left[0].startswith("-"):
            left = left[2:] if left[0] == "--tenant" else left[1:]
            continue
        found = command.get_command(context, left[0])
        assert found is not None, f"there is no command {left[0]}"
        command, left = found, left[1:]
    return command, left


def _options(command: click.Command) -> set[str]:
    names = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return names | {"--help", "--version"}


@pytest.mark.parametrize("line", sorted({*_documented()}))
def test_a_documented_command_exists(line: str) -> None:
    command, left = _resolve(_words(line))
    unknown = {word for word in left if word.startswith("--")} - _options(command)
    assert not unknown, f"{line}: there is no {', '.join(unknown)}"


def test_a_wrong_line_is_seen() -> None:
    with pytest.raises(AssertionError):
        _resolve(_words("authpage user invent"))
    command, left = _resolve(_words("authpage tenant settings --tenant a set brand --loud > x"))
    assert left == ["brand", "--loud"]
    assert "--loud" not in _options(command)
    assert "--tenant" in _options(command)
