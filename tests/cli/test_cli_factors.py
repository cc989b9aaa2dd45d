"""Second factors of people on the command line."""

import pytest

from app.actor import CLI
from app.database import write
from app.directory import authenticators, passkeys, people, recovery_codes, tenants
from app.directory.passkeys import NewPasskey
from tests.cli.conftest import CommandLine

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def jane(acme: CommandLine) -> CommandLine:
    """Acme with jane, who has an app and recovery codes."""
    user_id = acme.json("user", "create", "--email", "jane@example.com", "--verified")["id"]
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        new = recovery_codes.new_codes()
        with write(tenant.id) as session:
            authenticators.add(session, CLI, user_id, secret=SECRET, label="Phone", step=0)
            recovery_codes.replace(session, CLI, user_id, new)
    return acme


def test_factors_are_listed_and_an_app_is_removed_with_its_codes(jane: CommandLine) -> None:
    app, codes = jane.json("user", "factors", "list", "jane@example.com")["items"]
    assert (app["kind"], app["label"]) == ("totp", "Phone")
    assert (codes["kind"], codes["left"]) == ("recovery_code", 10)
    assert SECRET not in str((app, codes))
    jane.json("user", "factors", "remove", "jane@example.com", app["id"], "--reason", "lost")
    assert jane.json("user", "factors", "list", "jane@example.com")["items"] == []


def _passkey(jane: CommandLine) -> str:
    """A passkey that jane has."""
    with jane.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        new = NewPasskey("cred", "key", 0, "Laptop", {})
        with write(tenant.id) as session:
            person = people.find_by_email(session, "jane@example.com")
            assert person is not None
            made = passkeys.add(session, CLI, person.user_id, new)
        assert made is not None
        return made


def _remove(jane: CommandLine, factor: str) -> None:
    jane.json("user", "factors", "remove", "jane@example.com", factor, "--reason", "lost")


def _kinds(jane: CommandLine) -> list[str]:
    return [
        each["kind"] for each in jane.json("user", "factors", "list", "jane@example.com")["items"]
    ]


def test_passkeys_and_codes_are_removed_too(jane: CommandLine) -> None:
    passkey = _passkey(jane)
    assert _kinds(jane) == ["totp", "passkey", "recovery_code"]
    _remove(jane, "recovery_codes")
    assert _kinds(jane) == ["totp", "passkey"]
    _remove(jane, passkey)
    assert _kinds(jane) == ["totp"]
    for unknown in ("recovery_codes", passkey):
        ran = jane("user", "factors", "remove", "jane@example.com", unknown, "--reason", "x")
        assert ran.code == 1
    log = jane.json("audit", "list")["items"]
    reasons = [each["data"].get("reason") for each in log if "removed" in each["event"]]
    assert reasons == ["lost", "lost"]
