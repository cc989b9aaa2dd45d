"""Organizations, members and roles on the command line."""

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def people(acme: CommandLine) -> CommandLine:
    """Acme with two users."""
    for name in ("jane", "sam"):
        acme.json("user", "create", "--email", f"{name}@example.com", "--verified")
    return acme


def test_create_with_an_owner(people: CommandLine) -> None:
    made = people.json("org", "create", "--name", "Northwind Labs", "--owner", "jane@example.com")
    assert made["slug"] == "northwind-labs"
    members = people.json("org", "members", "northwind-labs")["items"]
    assert [(each["email"], each["roles"]) for each in members] == [("jane@example.com", ["owner"])]
    assert members[0]["joined_at"].endswith("Z")


def test_join_roles_leave(people: CommandLine) -> None:
    people.json("org", "create", "--name", "Contoso")
    assert people.json("org", "join", "contoso", "sam@example.com")["changed"] is True
    assert people.json("org", "join", "contoso", "sam@example.com")["changed"] is False
    people.json("org", "roles", "contoso", "sam@example.com", "--role", "admin", "--role", "member")
    shown = people.json("user", "show", "sam@example.com")["organizations"]
    assert [(each["slug"], each["roles"]) for each in shown] == [("contoso", ["admin", "member"])]
    people.json("org", "leave", "contoso", "sam@example.com", "--yes")
    assert people.json("org", "members", "contoso")["items"] == []


def test_an_unknown_role_is_refused(people: CommandLine) -> None:
    people.json("org", "create", "--name", "Contoso")
    ran = people("org", "join", "contoso", "sam@example.com", "--role", "king", "--json")
    assert ran.error["error"] == "bad_value"
    assert people.json("org", "members", "contoso")["items"] == []


def test_a_role_in_use_stays(people: CommandLine) -> None:
    people.json("org", "role", "create", "auditor", "--name", "Auditor")
    people.json("org", "create", "--name", "Contoso")
    people.json("org", "join", "contoso", "sam@example.com", "--role", "auditor")
    assert (
        people("org", "role", "remove", "auditor", "--yes", "--json").error["error"]
        == "role_in_use"
    )
    people.json("org", "leave", "contoso", "sam@example.com", "--yes")
    people.json("org", "role", "remove", "auditor", "--yes")
    keys = [each["key"] for each in people.json("org", "role", "list")["items"]]
    assert "auditor" not in keys


def test_update_and_disable(people: CommandLine) -> None:
    people.json("org", "create", "--name", "Contoso")
    changed = people.json("org", "update", "contoso", "--name", "Contoso Ltd", "--joinable")
    assert (changed["name"], changed["is_joinable"]) == ("Contoso Ltd", True)
    assert people.json("org", "disable", "contoso")["status"] == "disabled"
    assert people.json("org", "enable", "contoso")["status"] == "active"
    assert [each["slug"] for each in people.json("org", "list")["items"]] == ["contoso"]


def test_an_organization_stands_below_another_and_takes_another_slug(people: CommandLine) -> None:
    above = people.json("org", "create", "--name", "Contoso")
    below = people.json("org", "create", "--name", "Contoso Berlin", "--parent", "contoso")
    assert below["parent_id"] == above["id"]
    moved = people.json(
        "org", "update", "contoso-berlin", "--parent", "none", "--slug", "contoso-de"
    )
    assert (moved["parent_id"], moved["slug"]) == (None, "contoso-de")
    wrong = people("org", "update", "contoso", "--parent", "contoso", "--json")
    assert wrong.error["error"] == "bad_value"


def test_an_unknown_organization_is_said_so(people: CommandLine) -> None:
    assert people("org", "show", "nobody", "--json").error["error"] == "not_found"


def test_remove_takes_the_memberships_along(people: CommandLine) -> None:
    people.json("org", "create", "--name", "Contoso", "--owner", "jane@example.com")
    assert people.json("org", "remove", "contoso", "--yes")["status"] == "removed"
    assert people.json("org", "list")["items"] == []
    assert people.json("user", "show", "jane@example.com")["organizations"] == []
    assert people("org", "remove", "contoso", "--yes", "--json").error["error"] == "not_found"
