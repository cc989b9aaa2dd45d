"""The tenant itself in the console: renamed, exported, ended, disabled."""

import pytest

from app.actor import CLI
from app.database import write
from app.directory import settings_store, tenants
from app.directory.tenants import Tenant
from tests.console.staff import Staff
from tests.factories import Factory

pytestmark = pytest.mark.one_database


def _now(staff: Staff) -> Tenant:
    found = tenants.by_id(staff.tenant.id)
    assert found is not None
    return found


def test_the_page_says_what_never_changes_and_who_owns_what(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "codes", {"digits": 8}, owner="file")
    staff.get("/settings")
    assert staff.page.by_id("issuer").text == staff.tenant.issuer
    assert staff.page.by_id("rp-id").text == staff.tenant.rp_id
    row = next(staff.page.by_id("section-codes").iterancestors("tr"))
    assert "File" in row.text_content()
    staff.get("/settings/codes/history")
    assert staff.page.all("h1")[0].text_content() == "History of One-time codes and links"
    (way_back,) = [each for each in staff.page.all("p") if each.get("class") == "crumb"]
    assert way_back.text_content() == "Settings"


def test_the_tenant_is_renamed(staff: Staff) -> None:
    staff.press("/settings/name", {"name": "Northwind"})
    assert (staff.told, _now(staff).name) == ("console.tenant.renamed", "Northwind")
    assert staff.post("/settings/name", {"name": "\u202e"}).status_code == 422
    assert staff("admin").post("/settings/name", {"name": "Mine"}).status_code == 403


def test_x06_the_export_holds_settings_and_no_secret(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "codes", {"digits": 8})
    answer = staff.get("/settings/export")
    assert answer.get_json() == {"codes": {"digits": 8}}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_everything_ends_only_once_the_slug_was_typed(staff: Staff, make: Factory) -> None:
    before = _now(staff).epoch
    assert staff.post("/settings/end-everything", {"typed": "yes"}).status_code == 422
    assert staff.errors == {"typed": "console.tenant.typed_wrong"}
    assert _now(staff).epoch == before
    staff.press("/settings/end-everything", {"typed": staff.tenant.slug})
    assert (staff.told, _now(staff).epoch) == ("console.tenant.ended", before + 1)
    assert staff("admin").get("/settings/end-everything").status_code == 403


def test_a_disabled_tenant_is_served_again_from_the_console(staff: Staff) -> None:
    assert staff.get("/settings/disable").status_code == 200
    staff.press("/settings/disable")
    assert (staff.told, _now(staff).is_active) == ("console.tenant.disabled", False)
    staff.press("/settings/disable")
    assert (staff.told, _now(staff).is_active) == ("console.tenant.enabled", True)
