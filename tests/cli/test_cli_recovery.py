"""Recovery by support on the command line."""

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def jane(acme: CommandLine) -> CommandLine:
    """Acme with jane, whose address is verified."""
    acme.json("user", "create", "--email", "jane@example.com", "--verified")
    return acme


def test_a_recovery_is_started_listed_and_called_off(jane: CommandLine) -> None:
    started = jane.json("user", "recovery", "start", "jane@example.com", "--reason", "passport")
    (listed,) = jane.json("user", "recovery", "list")["items"]
    assert listed["id"] == started["id"]
    assert (listed["reason"], listed["started_by"]) == ("passport", "cli")
    jane.json("user", "recovery", "cancel", "jane@example.com")
    assert jane.json("user", "recovery", "list")["items"] == []


def test_the_command_shows_no_link(jane: CommandLine) -> None:
    started = jane.json("user", "recovery", "start", "jane@example.com", "--reason", "passport")
    assert not {"token", "secret", "link"} & {*started}
    assert "token=" not in str(started)
