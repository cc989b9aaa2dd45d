"""Setup links on the command line."""

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def labs(acme: CommandLine) -> CommandLine:
    """Acme with an organization."""
    acme.json("org", "create", "--name", "Northwind Labs")
    return acme


def test_a_link_is_shown_once_listed_without_its_token_and_taken_back(labs: CommandLine) -> None:
    made = labs.json("setup-link", "create", "--organization", "northwind-labs")
    token = made["link"].partition("?token=")[2]
    assert token.startswith(f"{made['id']}.")
    listed = labs("setup-link", "list", "--json")
    (row,) = listed.document["items"]
    assert (row["id"], row["state"], row["created_by"]) == (made["id"], "waiting", "cli")
    assert token.partition(".")[2] not in listed.out
    assert labs.json("setup-link", "revoke", made["id"])["state"] == "revoked"
    assert labs.json("setup-link", "list")["items"] == []
    assert labs("setup-link", "revoke", made["id"], "--json").error["error"] == "not_found"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (("--organization", "nobody"), "not_found"),
        (("--organization", "northwind-labs", "--expires-in", "31d"), "bad_value"),
    ],
)
def test_what_does_not_fit_is_refused(labs: CommandLine, more: tuple[str, ...], error: str) -> None:
    assert labs("setup-link", "create", *more, "--json").error["error"] == error
    assert labs.json("setup-link", "list")["items"] == []
