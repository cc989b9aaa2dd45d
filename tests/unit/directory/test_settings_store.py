"""Settings: revisions, owners, and the codes that only a test tenant may know beforehand (O14)."""

from typing import Any

import pytest

from app.actor import CLI
from app.database import read, write
from app.directory import settings_store, tenants
from app.directory.errors import OwnedByFile
from app.directory.settings import TenantSettings
from app.directory.settings_store import BadSettings
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import fresh_tenant


def renewed(tenant: Tenant) -> Tenant:
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found


def test_fresh_tenant_has_every_default(tenant: Tenant) -> None:
    assert tenant.settings == TenantSettings()


def test_published_section_shows_at_once_in_this_process(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        assert settings_store.publish(session, CLI, "brand", {"accent": "#123456"}) == 1
    assert renewed(tenant).settings.brand.accent == "#123456"
    assert renewed(tenant).settings.codes == tenant.settings.codes


def test_draft_shows_nowhere_until_published(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        settings_store.draft(session, CLI, "brand", {"accent": "#111111"})
        settings_store.draft(session, CLI, "brand", {"accent": "#222222"})
    assert renewed(tenant).settings.brand == tenant.settings.brand
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"accent": "#222222"})
    assert renewed(tenant).settings.brand.accent == "#222222"


def test_history_keeps_every_revision_and_one_published(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        for digit in "123":
            settings_store.publish(session, CLI, "brand", {"accent": f"#{digit * 6}"})
    with read(tenant.id) as session:
        history = settings_store.history(session, "brand")
    assert [each.revision for each in history] == [3, 2, 1]
    assert [each.state for each in history] == ["published", "superseded", "superseded"]
    assert history[0].actor == "cli"


def test_section_of_a_file_is_changed_by_the_file_alone(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"accent": "#111111"}, owner="file")
    for owner in ("cli", "console"):
        for change in (settings_store.publish, settings_store.draft):
            with pytest.raises(OwnedByFile), write(tenant.id) as session:
                change(session, CLI, "brand", {"accent": "#222222"}, owner=owner)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"accent": "#333333"}, owner="file")
    assert renewed(tenant).settings.brand.accent == "#333333"


@pytest.mark.parametrize(
    ("section", "document"),
    [
        ("nothing", {}),
        ("brand", {"accent": "red"}),
        ("brand", {"accent": "#12345g"}),
        ("brand", {"privacy_url": "javascript:alert(1)"}),
        ("brand", {"unknown": 1}),
        ("codes", {"digits": 3}),
        ("codes", {"lives": 901}),
        ("methods", {"sign_in": ["carrier_pigeon"]}),
        ("mail", {"sender_name": "Acme\r\nBcc: all@example.com"}),
        ("lifetimes", {"code": 0}),
    ],
)
def test_bad_document_is_refused_whole(
    tenant: Tenant, section: str, document: dict[str, Any]
) -> None:
    with pytest.raises(BadSettings) as refused, write(tenant.id) as session:
        settings_store.publish(session, CLI, section, document)
    assert refused.value.problems
    assert renewed(tenant).settings == tenant.settings


@pytest.mark.parametrize("document", [{"echo": True}, {"fixed": "123456"}])
def test_o14_live_tenant_has_no_known_codes(tenant: Tenant, document: dict[str, Any]) -> None:
    for change in (settings_store.publish, settings_store.draft):
        with pytest.raises(BadSettings), write(tenant.id) as session:
            change(session, CLI, "codes", document)
    assert renewed(tenant).settings.codes == tenant.settings.codes


@pytest.mark.usefixtures("context")
def test_o14_test_tenant_may_fix_a_code_of_its_length() -> None:
    tenant = fresh_tenant("test")
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "codes", {"fixed": "123456", "echo": True})
    assert renewed(tenant).settings.codes.fixed == "123456"
    with pytest.raises(BadSettings), write(tenant.id) as session:
        settings_store.publish(session, CLI, "codes", {"fixed": "1234"})


def test_only_what_was_given_is_kept(tenant: Tenant) -> None:
    """A default that changes with a release reaches tenants that never chose otherwise."""
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "codes", {"digits": 8})
    with read(tenant.id) as session:
        (kept,) = settings_store.history(session, "codes")
    assert kept.document == {"digits": 8}
