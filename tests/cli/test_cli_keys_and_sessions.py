"""Keys, sessions, the audit log and realms on the command line."""

import pytest

from app import clock
from app.actor import SYSTEM
from app.config import Settings
from app.database import write
from app.directory import sessions, tenants
from app.security import Keyring, load_root_keys
from tests.cli.conftest import CommandLine


@pytest.fixture
def jane(acme: CommandLine) -> str:
    """The id of a user with two live sessions."""
    user_id: str = acme.json("user", "create", "--email", "jane@example.com")["id"]
    for _ in range(2):
        _sign_in(acme, user_id)
    return user_id


def _sign_in(acme: CommandLine, user_id: str) -> None:
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with write(tenant.id) as session:
            sessions.open(
                session,
                SYSTEM,
                tenant,
                cookie_value=None,
                user_id=user_id,
                amr=("pwd",),
                acr=None,
                auth_time=clock.now(),
            )


def test_a_root_key_needs_no_installation(authpage: CommandLine) -> None:
    printed = authpage.json("key", "root", "--version", "3")["root_key"]
    keys = load_root_keys(Settings.from_environment({"ROOT_KEYS": printed}))
    assert Keyring(keys).newest.version == 3


def test_rotation_overlaps(acme: CommandLine) -> None:
    first = acme.json("key", "list")["items"][0]
    new = acme.json("key", "rotate")
    assert new["state"] == "next"
    listed = {key["id"]: key for key in acme.json("key", "list")["items"]}
    assert listed[first["id"]]["state"] == "active"
    assert listed[first["id"]]["retired_at"] == new["active_from"]
    clock.move(1_000)
    states = {key["id"]: key["state"] for key in acme.json("key", "list")["items"]}
    assert states == {first["id"]: "retired", new["id"]: "active"}


def test_a_second_algorithm(acme: CommandLine) -> None:
    assert acme.json("key", "create", "--alg", "ES256")["state"] == "active"
    assert acme.json("key", "create", "--alg", "ES256")["state"] == "next"


def test_list_shows_live_sessions_and_end_ends_one(acme: CommandLine, jane: str) -> None:
    found = acme.json("session", "list", "--user", jane)["items"]
    assert len(found) == 2
    assert acme.json("session", "end", found[0]["id"])["changed"] is True
    assert acme.json("session", "end", found[0]["id"])["changed"] is False
    left = acme.json("session", "list", "--user", "jane@example.com")["items"]
    assert [each["id"] for each in left] == [found[1]["id"]]


def test_end_all_of_a_user(acme: CommandLine, jane: str) -> None:
    assert acme.json("session", "end-all", "--user", jane, "--yes")["ended"] == 2
    assert acme.json("session", "list", "--user", jane)["items"] == []


def test_end_all_of_everyone(acme: CommandLine, jane: str) -> None:
    with acme.app.app_context():
        before = tenants.default()
    acme.json("session", "end-all", "--everyone", "--yes")
    with acme.app.app_context():
        after = tenants.default()
    assert before is not None
    assert after is not None
    assert after.epoch == before.epoch + 1


def test_end_all_must_be_told_whom(acme: CommandLine) -> None:
    assert acme("session", "end-all", "--yes", "--json").error["error"] == "usage"


def test_audit_tells_who_did_what(acme: CommandLine, jane: str) -> None:
    found = acme.json("audit", "list", "--user", "jane@example.com", "--event", "user.created")
    (event,) = found["items"]
    assert (event["actor"], event["subject_id"]) == ("cli", jane)
    assert event["at"].endswith("Z")
    assert acme.json("audit", "show", event["id"]) == event


def test_audit_pages_and_since(acme: CommandLine, jane: str) -> None:
    first = acme.json("audit", "list", "--limit", "1")
    second = acme.json("audit", "list", "--limit", "1", "--after", first["next_cursor"])
    assert first["items"][0]["id"] > second["items"][0]["id"]
    clock.move(3_600)
    assert acme.json("audit", "list", "--since", "30m")["items"] == []
    assert acme.json("audit", "list", "--since", "2h")["items"] != []


def test_audit_show_knows_no_strange_id(acme: CommandLine) -> None:
    assert acme("audit", "show", "evt_nothing", "--json").error["error"] == "not_found"


def test_a_realm_is_explained(acme: CommandLine) -> None:
    explained = acme.json("realm", "explain", "Jane@Example.COM")
    assert (explained["realm"], explained["domain"]) == ("local", "example.com")
    assert (explained["reason"], explained["because"]) == ("no_claim", "nobody claims example.com")
    assert explained["methods"] == ["passkey", "password", "email_code"]
