"""A tenant written down in a file: planned, applied, found to have drifted, and given back."""

from pathlib import Path

import pytest

from app.actor import Actor
from app.console.section_form import OWNER
from app.database import read, write
from app.directory import clients, roles, settings_store, tenant_file, tenants
from app.directory.errors import OwnedByFile
from app.directory.tenants import Tenant
from tests.cli.conftest import CommandLine

FILE = """
version: 1
tenant: default
settings:
  brand:
    name: Acme
    accent: "#0f766e"
  policy:
    mfa: required
roles:
  - key: auditor
    name: Auditor
    mfa_required: true
clients:
  - id: cli_dashboard
    name: Dashboard
    redirect_uris: [https://app.example/callback]
"""
_NO_TENANTS = (
    ("version: 1\ntenant: [", "This is not YAML"),
    ("version: 2\ntenant: default", "version"),
    ("version: 1\ntenant: default\nsettings: {brand: {accent: red}}", "settings.brand: accent"),
    ("version: 1\ntenant: default\nsettings: {colours: {}}", "no section colours"),
    ("version: 1\ntenant: default\nroles: [{key: a, name: A}, {key: a, name: B}]", "twice"),
    ("version: 1\ntenant: !!python/object/apply:os.system [id]", "This is not YAML"),
    ("a: &a [x, x]\nb: *a", "aliases"),
    ("- 1", "file"),
    ("x" * (tenant_file.LARGEST + 2), "1 MB"),
)
"""Files that describe no tenant, and a part of what is said of each."""
ADMIN = Actor("admin", "usr_x", roles=frozenset({"owner"}))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.yaml"
    path.write_text(FILE)
    return path


def _tenant(acme: CommandLine) -> Tenant:
    found = tenants.default()
    assert found is not None
    return found


def test_a_plan_tells_and_changes_nothing(acme: CommandLine, file: Path) -> None:
    planned = acme.json("apply", str(file), "--plan")["items"]
    assert [(each["verb"], each["part"], each["name"]) for each in planned] == [
        ("create", "settings", "brand"),
        ("create", "settings", "policy"),
        ("create", "role", "auditor"),
        ("create", "client", "cli_dashboard"),
    ]
    assert acme.json("apply", str(file), "--plan")["items"] == planned
    assert acme("apply", str(file), "--check", "--json").code == 3


def test_what_is_applied_once_is_there_and_stays(acme: CommandLine, file: Path) -> None:
    done = acme.json("apply", str(file))
    assert len(done["changes"]) == 4
    assert done["new_secrets"][0].startswith("cli_dashboard: ")
    assert acme("apply", str(file), "--check", "--json").code == 0
    assert acme.json("apply", str(file))["changes"] == []
    with acme.app.app_context(), read(_tenant(acme).id) as session:
        assert settings_store.load(session).brand.accent == "#0f766e"
        assert {role.key: role.mfa_required for role in roles.list_roles(session)}["auditor"]


def test_what_a_file_owns_is_not_the_consoles_to_change(acme: CommandLine, file: Path) -> None:
    acme.json("apply", str(file))
    with acme.app.app_context():
        tenant = _tenant(acme)
        with write(tenant.id) as session, pytest.raises(OwnedByFile):
            settings_store.publish(session, ADMIN, "policy", {"mfa": "off"}, owner=OWNER)
        with write(tenant.id) as session, pytest.raises(OwnedByFile):
            clients.update(session, ADMIN, "cli_dashboard", name="Mine")
        with write(tenant.id) as session, pytest.raises(OwnedByFile):
            clients.remove(session, ADMIN, "cli_dashboard")


def test_drift_is_told_and_undone(acme: CommandLine, file: Path) -> None:
    acme.json("apply", str(file))
    acme.json("client", "update", "cli_dashboard", "--name", "Other")
    (drift,) = acme.json("apply", str(file), "--plan")["items"]
    assert drift["fields"] == ["name: 'Other' -> 'Dashboard'"]
    acme.json("apply", str(file))
    assert acme.json("client", "show", "cli_dashboard")["name"] == "Dashboard"


def test_what_the_file_names_no_longer_is_given_back(acme: CommandLine, file: Path) -> None:
    acme.json("apply", str(file))
    file.write_text("version: 1\ntenant: default\n")
    done = acme.json("apply", str(file))["changes"]
    assert {(each["verb"], each["name"]) for each in done} == {
        ("give_back", "brand"),
        ("give_back", "policy"),
        ("give_back", "cli_dashboard"),
    }
    with acme.app.app_context(), write(_tenant(acme).id) as session:
        assert settings_store.load(session).policy.mfa == "required"
        settings_store.publish(session, ADMIN, "policy", {"mfa": "off"}, owner=OWNER)
        clients.update(session, ADMIN, "cli_dashboard", name="Mine")


def test_a_tenant_that_is_written_down_is_what_its_file_says(
    acme: CommandLine, file: Path, tmp_path: Path
) -> None:
    acme.json("apply", str(file))
    written = acme("tenant", "write-down").out
    again = tmp_path / "again.yaml"
    again.write_text(written)
    planned = acme.json("apply", str(again), "--plan")["items"]
    assert all(not each["fields"] for each in planned), planned
    assert "secret" not in written


@pytest.mark.one_database
def test_a_file_that_describes_no_tenant_is_refused_with_a_sentence(
    acme: CommandLine, file: Path
) -> None:
    for text, told in _NO_TENANTS:
        file.write_text(text)
        assert told in acme("apply", str(file), "--json").error["detail"]


def test_all_of_a_file_is_done_or_nothing(acme: CommandLine, file: Path) -> None:
    file.write_text(FILE.replace("https://app.example/callback", "javascript:alert(1)"))
    assert acme("apply", str(file), "--json").error["error"] == "bad_value"
    with acme.app.app_context(), read(_tenant(acme).id) as session:
        assert settings_store.load(session).policy.mfa != "required"
