"""Complaint 41: the chain of the audit log on the command line, verified without a database."""

import json
from pathlib import Path

import pytest

from app import clock
from app.audit import sealing
from tests.cli.conftest import CommandLine


@pytest.fixture
def sealed(acme: CommandLine) -> CommandLine:
    """The command line of an installation whose events are sealed."""
    for name in ("jane", "joe"):
        acme.json("user", "create", "--email", f"{name}@example.com")
    clock.move(120)
    with acme.app.app_context():
        assert sealing.run_once() > 2
    return acme


def test_41_an_export_is_verified_and_tampering_is_named(
    sealed: CommandLine, tmp_path: Path
) -> None:
    file, keys = tmp_path / "chain.jsonl", tmp_path / "keys.json"
    assert sealed("audit", "export", "--chain", "--output", str(file)).code == 0
    keys.write_text(sealed("audit", "key", "--json").out)
    head = sealed.json("audit", "head")
    asked = ("audit", "verify", str(file), "--key", str(keys), "--head", head["head"])
    found = sealed.json(*asked)
    assert (found["hash"], found["events"]) == (head["hash"], head["sequence"])
    assert sealed("audit", "export", "--chain").out == file.read_text()

    lines = file.read_text().splitlines(keepends=True)
    event_id = json.loads(lines[2])["id"]
    file.write_text("".join([*lines[:2], lines[2].replace('"cli"', '"user"'), *lines[3:]]))
    told = sealed(*asked, "--json").error
    assert told["error"] == "chain_wrong"
    assert f"{event_id} does not say what was sealed." in told["detail"]


@pytest.mark.one_database
def test_41_what_is_no_export_is_refused(acme: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}")
    assert acme("audit", "verify", str(file), "--json").error["error"] == "no_export"
    assert acme("audit", "verify", str(file), "--key", str(file), "--json").error["error"] == (
        "bad_key"
    )
    assert acme("audit", "head", "--json").error["error"] == "nothing_sealed"
