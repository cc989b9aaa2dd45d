"""Second factors of people on the command line."""

import pytest

from app.actor import CLI
from app.database import write
from app.directory import authenticators, recovery_codes, tenants
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
