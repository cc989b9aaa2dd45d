"""People on the command line."""

import io

import pytest

from app.database import read
from app.directory import people, tenants
from app.hashing import hashing
from tests.cli.conftest import CommandLine

PASSWORD = "correct horse battery"


def _password_hash(authpage: CommandLine, email: str) -> str | None:
    with authpage.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with read(tenant.id) as session:
            person = people.find_by_email(session, email)
            assert person is not None
            return person.password_hash


def test_create_makes_a_user_who_can_sign_in(acme: CommandLine) -> None:
    made = acme.json(
        "user", "create", "--email", "Jane@Example.com", "--password", PASSWORD, "--verified"
    )
    assert made["email"] == "Jane@example.com"
    assert made["email_verified"] is True
    assert made["has_password"] is True
    assert made["created_at"].endswith("Z")
    stored = _password_hash(acme, "jane@example.com")
    with acme.app.app_context():
        assert hashing().verify(stored, PASSWORD)


def test_password_comes_from_standard_input(
    acme: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    acme.json("user", "create", "--email", "jane@example.com", "--password-stdin")
    stored = _password_hash(acme, "jane@example.com")
    with acme.app.app_context():
        assert hashing().verify(stored, PASSWORD)


@pytest.mark.parametrize("password", ["short", "password1", "jane@example.com", "aaaaaaaaaaaa"])
def test_a_weak_password_is_refused_and_nobody_made(acme: CommandLine, password: str) -> None:
    ran = acme("user", "create", "--email", "jane@example.com", "--password", password, "--json")
    assert ran.error["error"] == "bad_password"
    assert acme.json("user", "list")["items"] == []


def test_an_address_is_taken_once(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com")
    ran = acme("user", "create", "--email", "JANE@example.com", "--json")
    assert ran.error["error"] == "identifier_taken"
    assert len(acme.json("user", "list")["items"]) == 1


def test_a_bad_address_is_one_friendly_line(acme: CommandLine) -> None:
    ran = acme("user", "create", "--email", "jane")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: That is not an email address.\n"


def test_list_pages_by_cursor(acme: CommandLine) -> None:
    for number in range(3):
        acme.json("user", "create", "--email", f"user{number}@example.com")
    first = acme.json("user", "list", "--limit", "2")
    rest = acme.json("user", "list", "--limit", "2", "--after", first["next_cursor"])
    emails = [item["email"] for page in (first, rest) for item in page["items"]]
    assert emails == ["user2@example.com", "user1@example.com", "user0@example.com"]
    assert rest["next_cursor"] is None


def test_tenants_do_not_see_each_other(acme: CommandLine) -> None:
    acme.json("tenant", "create", "--slug", "other", "--name", "Other")
    made = acme.json("user", "create", "--email", "jane@example.com")
    assert acme.json("user", "list", "--tenant", "other")["items"] == []
    ran = acme("user", "show", made["id"], "--tenant", "other", "--json")
    assert ran.error["error"] == "not_found"


def test_show_names_by_address_or_id(acme: CommandLine) -> None:
    made = acme.json("user", "create", "--email", "jane@example.com", "--name", "Jane Doe")
    by_id = acme.json("user", "show", made["id"])
    assert by_id == acme.json("user", "show", "jane@example.com") == made
    assert by_id["display_name"] == "Jane Doe"


def test_update_changes_what_is_given(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com", "--name", "Jane", "--locale", "de")
    changed = acme.json(
        "user", "update", "jane@example.com", "--name", "Jane Doe", "--public-metadata", '{"a": 1}'
    )
    assert changed["display_name"] == "Jane Doe"
    assert changed["locale"] == "de"
    assert changed["public_metadata"] == {"a": 1}


def test_metadata_must_be_an_object(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com")
    ran = acme("user", "update", "jane@example.com", "--public-metadata", "[1]", "--json")
    assert ran.code == 2
    assert '"error": "usage"' in ran.err


def test_set_password_replaces_it(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com", "--password", PASSWORD)
    acme.json("user", "set-password", "jane@example.com", "--password", "another horse battery")
    stored = _password_hash(acme, "jane@example.com")
    with acme.app.app_context():
        assert not hashing().verify(stored, PASSWORD)
        assert hashing().verify(stored, "another horse battery")


def test_verify_keeps_the_password(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com", "--password", PASSWORD)
    verified = acme.json("user", "verify", "jane@example.com")
    assert (verified["email_verified"], verified["has_password"]) == (True, True)


def test_disable_and_enable(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com")
    assert acme.json("user", "disable", "jane@example.com")["status"] == "disabled"
    assert acme.json("user", "enable", "jane@example.com")["status"] == "active"


def test_remove_asks_first(acme: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.json("user", "create", "--email", "jane@example.com")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert acme("user", "remove", "jane@example.com").code == 1
    assert len(acme.json("user", "list")["items"]) == 1
    assert acme.json("user", "remove", "jane@example.com", "--yes")["status"] == "erased"
    assert acme.json("user", "list")["items"] == []
    events = [item["event"] for item in acme.json("audit", "list")["items"]]
    assert "user.erased" in events


def test_search_finds_by_how_something_begins(acme: CommandLine) -> None:
    made = acme.json("user", "create", "--email", "jane@example.com", "--name", "Jane Doe")
    acme.json("user", "create", "--email", "bob@example.com")
    for text in ("jane", "DOE", "jane@example.com", made["id"]):
        found = acme.json("user", "search", text)["items"]
        assert [each["email"] for each in found] == ["jane@example.com"], text
    assert acme.json("user", "search", "%")["items"] == []
    assert acme.json("user", "search", "jane", "--status", "disabled")["items"] == []


def test_another_password_can_be_required(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "jane@example.com", "--password", PASSWORD)
    on = acme.json("user", "require-password", "jane@example.com", "on", "--sign-out")
    assert on["password_required"] is True
    off = acme.json("user", "require-password", "jane@example.com", "off")
    assert off["password_required"] is False
