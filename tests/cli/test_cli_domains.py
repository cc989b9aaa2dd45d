"""Domains and home-realm discovery on the command line, with a name server that tests decide."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.doubles.dns_server import DnsServer

ISSUER = "https://idp.corp.example"


@pytest.fixture
def corp(acme: CommandLine) -> CommandLine:
    """Acme with the organization corp."""
    acme.json("org", "create", "--name", "Corp")
    return acme


@pytest.fixture
def dns(corp: CommandLine) -> Iterator[DnsServer]:
    with DnsServer() as server:
        chosen = corp.app.config["AUTHPAGE"]
        corp.app.config["AUTHPAGE"] = chosen.model_copy(update={"dns_resolver": server.address})
        yield server


def _proven(corp: CommandLine, dns: DnsServer, domain: str = "corp.example") -> dict[str, Any]:
    claim: dict[str, Any] = corp.json("domain", "claim", "corp", domain)
    dns.texts[claim["record_name"]] = [claim["record_value"]]
    found: dict[str, Any] = corp.json("domain", "verify", "corp", domain)
    return found


def _connected(corp: CommandLine, *more: str) -> str:
    given = (f"issuer={ISSUER}", "client_id=authpage", "--name", "Corp ID", *more)
    made: str = corp.json("connection", "create-oidc", "corp", *given)["id"]
    return made


def _explained(corp: CommandLine, email: str = "jane@corp.example") -> dict[str, Any]:
    found: dict[str, Any] = corp.json("realm", "explain", email)
    assert sum(rule["decided"] for rule in found["rules"]) == 1
    return found


def test_a_domain_is_claimed_proven_listed_and_removed(corp: CommandLine, dns: DnsServer) -> None:
    claim = corp.json("domain", "claim", "corp", "Corp.Example")
    assert claim["record_name"] == "_authpage-challenge.corp.example"
    assert claim["record_value"].startswith("authpage-domain=")
    assert (claim["record_type"], claim["verified_at"]) == ("TXT", None)
    early = corp("domain", "verify", "corp", "corp.example", "--json").error
    assert early["error"] == "record_missing"
    dns.texts[claim["record_name"]] = [claim["record_value"]]
    proven = corp.json("domain", "verify", "corp", "corp.example")
    assert proven["verified_at"].endswith("Z")
    listed = corp.json("domain", "list", "--organization", "corp")["items"]
    assert listed == [proven] == corp.json("domain", "list")["items"]
    removed = corp.json("domain", "remove", "corp", "corp.example", "--yes")
    assert removed["status"] == "removed"
    assert corp.json("domain", "list")["items"] == []
    events = [each["event"] for each in corp.json("audit", "list")["items"]]
    assert [each for each in events if each.startswith("domain.")][::-1] == [
        "domain.claimed",
        "domain.verified",
        "domain.removed",
    ]


def test_the_subdomain_switch(corp: CommandLine, dns: DnsServer) -> None:
    first = corp.json("domain", "claim", "corp", "corp.example")
    again = corp.json("domain", "claim", "corp", "corp.example", "--subdomains")
    assert again == {**first, "has_subdomains": True}
    off = corp.json("domain", "claim", "corp", "corp.example", "--no-subdomains")
    assert off["has_subdomains"] is False


@pytest.mark.parametrize("domain", ["gmail.com", "a@corp.example", "localhost"])
def test_what_cannot_be_claimed(corp: CommandLine, domain: str) -> None:
    assert corp("domain", "claim", "corp", domain, "--json").error["error"] == "bad_value"


def test_another_organizations_domain_is_taken(corp: CommandLine, dns: DnsServer) -> None:
    _proven(corp, dns)
    corp.json("org", "create", "--name", "Evil")
    claim = corp.json("domain", "claim", "evil", "corp.example")
    dns.texts[claim["record_name"]] = [claim["record_value"]]
    ran = corp("domain", "verify", "evil", "corp.example", "--json")
    assert ran.error["error"] == "taken"
    unknown = corp("domain", "verify", "evil", "other.example", "--json")
    assert unknown.error["error"] == "not_found"


def test_a_name_server_that_is_away_is_said_so(corp: CommandLine, dns: DnsServer) -> None:
    corp.json("domain", "claim", "corp", "corp.example")
    dns.fails = True
    ran = corp("domain", "verify", "corp", "corp.example", "--json")
    assert ran.error["error"] == "name_server_away"


def test_each_rule_of_a_realm_and_the_record_that_decided(
    corp: CommandLine, dns: DnsServer
) -> None:
    organization = corp.json("org", "show", "corp")["id"]
    claim = corp.json("domain", "claim", "corp", "corp.example")
    unproven = _explained(corp)
    assert (unproven["realm"], unproven["reason"]) == ("local", "no_claim")
    assert [rule["record"] for rule in unproven["rules"]] == [claim["id"], "-"]
    _proven(corp, dns)
    assert (_explained(corp)["reason"], _explained(corp)["record"]) == (
        "no_connection",
        organization,
    )
    connection = _connected(corp)
    draft = _explained(corp)
    assert draft["reason"] == "no_connection"
    assert connection in [rule["record"] for rule in draft["rules"]]
    corp.json("connection", "activate", connection)
    offered = _explained(corp)
    assert (offered["reason"], offered["required"]) == ("optional", False)
    assert (offered["realm"], offered["connections"]) == ("local", [connection])
    assert offered["methods"] == ["passkey", "password", "email_code"]
    corp.json("org", "policy", "corp", "--sso", "domain")
    required = _explained(corp)
    assert (required["realm"], required["reason"]) == (connection, "required")
    assert (required["methods"], required["record"]) == ([], organization)
    assert required["because"] == "Corp asks single sign-on of everybody in the domain"
    corp.json("org", "policy", "corp", "--sso", "off")
    assert _explained(corp)["reason"] == "sso_off"
    assert _explained(corp, "jane@eu.corp.example")["reason"] == "no_claim"


def test_people_see_the_rules_of_a_realm_as_a_table(corp: CommandLine, dns: DnsServer) -> None:
    _proven(corp, dns)
    _connected(corp, "--active")
    ran = corp("realm", "explain", "jane@corp.example")
    assert ran.code == 0, ran.err
    assert "jane@corp.example may sign in at Corp ID, or here." in ran.out
    assert "RULE" in ran.out
    assert "corp.example is claimed by Corp, and proven" in ran.out


def test_a_realm_is_the_same_whether_or_not_there_is_an_account(
    corp: CommandLine, dns: DnsServer
) -> None:
    _proven(corp, dns)
    _connected(corp, "--active")
    corp.json("user", "create", "--email", "jane@corp.example", "--verified")
    jane, nobody = _explained(corp), _explained(corp, "nobody@corp.example")
    assert {**jane, "email": ""} == {**nobody, "email": ""}


def test_a_policy_names_who_must_and_who_need_not(corp: CommandLine) -> None:
    assert corp.json("org", "policy", "corp")["sso"] == "optional"
    for name in ("jane", "sam"):
        corp.json("user", "create", "--email", f"{name}@example.com", "--verified")
        role = "owner" if name == "jane" else "member"
        corp.json("org", "join", "corp", f"{name}@example.com", "--role", role)
    jane = corp.json("user", "show", "jane@example.com")["id"]
    given = ("--sso", "members", "--break-glass", "jane@example.com")
    shown = corp.json("org", "policy", "corp", *given)
    assert (shown["sso"], shown["break_glass"]) == ("members", [jane])
    assert corp.json("org", "policy", "corp") == shown
    ran = corp("org", "policy", "corp", "--break-glass", "sam@example.com", "--json")
    assert ran.error["error"] == "bad_value"
    assert corp.json("org", "policy", "corp", "--break-glass", "none")["break_glass"] == []
    events = [each["event"] for each in json.loads(corp("audit", "list", "--json").out)["items"]]
    assert events.count("organization.policy_set") == 2
