"""Policy on the command line: set by organization, role and user, and explained."""

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def northwind(acme: CommandLine) -> CommandLine:
    """Acme with jane, an admin of Northwind."""
    acme.json("user", "create", "--email", "jane@example.com", "--verified")
    acme.json("org", "create", "--name", "Northwind")
    acme.json("org", "join", "northwind", "jane@example.com", "--role", "admin")
    return acme


def explained(acme: CommandLine, *more: str) -> tuple[str, list[tuple[str, str, bool]]]:
    """The demand, and each rule with whether it decided."""
    found = acme.json("policy", "explain", "jane@example.com", *more)
    return found["mfa"], [(r["record"], r["setting"], r["decided"]) for r in found["rules"]]


def test_the_tenant_alone_decides_where_nobody_asks_more(northwind: CommandLine) -> None:
    assert explained(northwind) == (
        "optional",
        [("tenant", "policy.mfa", True), ("tenant", "methods.sign_in", True)],
    )


def test_each_record_that_asks_is_named(northwind: CommandLine) -> None:
    northwind.json("org", "policy", "northwind", "--mfa", "required", "--methods", "password")
    northwind.json("org", "role", "require-mfa", "admin", "on")
    northwind.json("user", "require-mfa", "jane@example.com", "on")
    assert explained(northwind, "--organization", "northwind") == (
        "required",
        [
            ("tenant", "policy.mfa", False),
            ("organization northwind", "policy.mfa", True),
            ("role admin", "mfa_required", True),
            ("user", "mfa_required", True),
            ("tenant", "methods.sign_in", False),
            ("organization northwind", "policy.methods", True),
        ],
    )
    assert explained(northwind)[0] == "required"
    northwind.json("user", "require-mfa", "jane@example.com", "off")
    assert explained(northwind)[0] == "optional"


def test_people_see_the_rules_as_a_table(northwind: CommandLine) -> None:
    ran = northwind("policy", "explain", "jane@example.com")
    assert ran.code == 0, ran.err
    assert "RECORD" in ran.out
    assert "policy.mfa" in ran.out


def test_what_was_asked_is_taken_back(northwind: CommandLine) -> None:
    northwind.json("org", "policy", "northwind", "--mfa", "required", "--methods", "password")
    shown = northwind.json("org", "policy", "northwind", "--mfa", "tenant", "--methods", "tenant")
    assert (shown["mfa"], shown["methods"]) == (None, None)
    assert explained(northwind, "--organization", "northwind")[0] == "optional"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("org", "policy", "northwind", "--methods", "magic_link"), "bad_value"),
        (("org", "policy", "northwind", "--methods", "smoke"), "bad_settings"),
        (("org", "policy", "nowhere"), "not_found"),
        (("org", "role", "require-mfa", "emperor", "on"), "not_found"),
        (("policy", "explain", "nobody@example.com"), "not_found"),
        (("policy", "explain", "jane@example.com", "--organization", "other"), "not_found"),
    ],
)
def test_what_cannot_be_is_refused(
    northwind: CommandLine, command: tuple[str, ...], error: str
) -> None:
    assert northwind(*command, "--json").error["error"] == error


def test_the_role_list_says_who_needs_a_second_factor(northwind: CommandLine) -> None:
    northwind.json("org", "role", "require-mfa", "owner", "on")
    found = {
        each["key"]: each["mfa_required"] for each in northwind.json("org", "role", "list")["items"]
    }
    assert found["owner"]
    assert not found["member"]
