"""Invitations on the command line."""

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def labs(acme: CommandLine) -> CommandLine:
    """Acme with an organization."""
    acme.json("org", "create", "--name", "Northwind Labs")
    return acme


def _invite(labs: CommandLine, *more: str) -> dict[str, object]:
    made: dict[str, object] = labs.json(
        *("invitation", "create", "--org", "northwind-labs", "--email", "jane@example.com"), *more
    )
    return made


def test_an_invitation_is_made_again_listed_and_taken_back(labs: CommandLine) -> None:
    first = _invite(labs)
    again = _invite(labs, "--role", "admin", "--days", "2")
    assert (again["id"], again["roles"]) == (first["id"], ["admin"])
    (listed,) = labs.json("invitation", "list", "--org", "northwind-labs")["items"]
    assert (listed["email"], listed["state"]) == ("jane@example.com", "open")
    assert listed["invited_by"] == "cli"
    taken = labs.json("invitation", "revoke", str(first["id"]))
    assert taken["state"] == "revoked"
    assert labs("invitation", "revoke", str(first["id"]), "--json").error["error"] == "not_found"


def test_the_mail_is_written_and_the_command_shows_no_link(labs: CommandLine) -> None:
    made = labs("invitation", "create", "--org", "northwind-labs", "--email", "jane@example.com")
    assert made.code == 0
    assert "token" not in made.out
    assert "/invitations/" not in made.out
    (mail,) = labs.json("mail", "list")["items"]
    assert mail["purpose"] == "invitation"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (("--role", "king"), "bad_value"),
        (("--locale", "xx"), "bad_value"),
        (("--client", "cli_nobody"), "not_found"),
    ],
)
def test_what_does_not_fit_is_refused(labs: CommandLine, more: tuple[str, ...], error: str) -> None:
    words = ("invitation", "create", "--org", "northwind-labs", "--email", "jane@example.com")
    assert labs(*words, *more, "--json").error["error"] == error
    assert labs.json("invitation", "list")["items"] == []


def test_the_address_must_be_one(labs: CommandLine) -> None:
    words = ("invitation", "create", "--org", "northwind-labs", "--email", "nobody", "--json")
    assert labs(*words).error["error"] == "bad_value"
