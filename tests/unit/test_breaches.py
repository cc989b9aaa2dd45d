"""P06: breached passwords are found offline, in the list that we bring and in one of your own."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import breaches
from app.breaches import BadList, is_breached
from tests.house.sources import files_under, text_of

WORDS = [f"a password that was number {n}" for n in range(500)]


def line_of(password: str, ending: str = "\r\n") -> str:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    return f"{digest}:{len(password)}{ending}"


@pytest.fixture
def listed(app: Flask, context: None, tmp_path: Path) -> Iterator[Path]:
    """A list of the words, named by the settings."""
    path = tmp_path / "breached.txt"
    path.write_bytes("".join(sorted(map(line_of, WORDS))).encode())
    before = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = before.model_copy(update={"breached_passwords": path})
    yield path
    app.config["AUTHPAGE"] = before


def test_p06_the_list_that_we_bring_is_searched_in_any_case(context: None) -> None:
    assert is_breached("password1")
    assert is_breached("PassWord1")
    assert not is_breached(WORDS[0])


def test_p06_every_line_of_a_file_is_found_and_nothing_else(listed: Path) -> None:
    assert all(map(is_breached, WORDS))
    assert not any(is_breached(f"{word}!") for word in WORDS)
    assert not is_breached(WORDS[0].upper())
    assert is_breached("password1")


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_p06_short_files_and_bare_newlines_are_searched_too(listed: Path, kept: int) -> None:
    lines = sorted(line_of(word, "\n") for word in WORDS[:kept])
    listed.write_text("".join(lines).rstrip("\n"), newline="")
    assert [is_breached(word) for word in WORDS[: kept + 1]] == [True] * kept + [False]


def test_p06_a_search_reads_little_of_a_file(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[int] = []
    line_at = breaches._line_at

    def counted(file: Any, offset: int) -> tuple[int, bytes]:
        sought.append(offset)
        return line_at(file, offset)

    monkeypatch.setattr(breaches, "_line_at", counted)
    assert not is_breached("a password that nobody had")
    assert len(sought) <= listed.stat().st_size.bit_length()


def test_p06_a_file_that_went_away_locks_nobody_out(listed: Path) -> None:
    listed.unlink()
    assert not is_breached(WORDS[0])
    assert is_breached("password1")


def test_a_file_that_cannot_be_searched_is_told_from_one_that_can(listed: Path) -> None:
    breaches.check_list(listed)
    listed.write_text("".join(sorted(map(line_of, WORDS), reverse=True)))
    with pytest.raises(BadList, match="not sorted"):
        breaches.check_list(listed)
    listed.write_text("password1\npassword2\n")
    with pytest.raises(BadList, match="SHA-1"):
        breaches.check_list(listed)
    listed.write_text("")
    with pytest.raises(BadList, match="SHA-1"):
        breaches.check_list(listed)
    listed.unlink()
    with pytest.raises(BadList, match="cannot be read"):
        breaches.check_list(listed)


def test_p06_whoever_hashes_a_password_that_was_chosen_asks_first_whether_it_may_be() -> None:
    """A module that hashes must ask for an objection: no path that sets a password is forgotten."""
    silent = [
        str(path)
        for path in files_under("app", suffix=".py")
        if "hashing().hash(" in text_of(path) and "objection(" not in text_of(path)
    ]
    assert silent == ["app/cli/demo.py"], "ask app.methods.password.objection first"
