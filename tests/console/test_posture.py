"""The posture: what each rule sees, and what one click mends."""

from dataclasses import replace
from typing import Any

import pytest

from app import clock
from app.actor import CLI
from app.console import posture_rules
from app.console.posture_rules import MENDS, Expiring, IdleAdmin, Seen, findings
from app.database import read, write
from app.delivery.mail_doctor import Finding as Dns
from app.directory import settings_store, tenants
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant
from app.keys.rotation import ListedKey
from tests.console.staff import Staff
from tests.factories import Factory


def _publish(tenant: Tenant, section: str, owner: str = "console", **document: Any) -> None:
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, section, document, owner=owner)


def _seen(tenant: Tenant, **sections: dict[str, Any]) -> Seen:
    return Seen(replace(tenant, settings=TenantSettings.model_validate(sections)))


def _rules(seen: Seen) -> set[str]:
    return {each.rule for each in findings(seen)}


@pytest.mark.parametrize(
    ("weak", "better", "rule"),
    [
        ({"policy": {"mfa": "off"}}, {}, "mfa_off"),
        ({"methods": {"second": ["sms_code"]}}, {}, "no_second_way"),
        ({"methods": {"sign_in": ["password"]}}, {}, "no_passkeys"),
        ({}, {"passwords": {"min_length": 12}}, "short_passwords"),
        ({}, {"policy": {"mfa": "required"}}, "short_passwords"),
        ({"passwords": {"breached_sign_ins": 9}}, {}, "breached_passwords"),
        ({"lifetimes": {"access_token": 7_200}}, {}, "long_tokens"),
        ({"lifetimes": {"session_absolute": 200 * 86_400}}, {}, "long_sessions"),
        ({"policy": {"trusted_device_days": 365}}, {}, "long_trust"),
    ],
)
def test_a_weak_setting_is_found_and_a_good_one_is_not(
    tenant: Tenant, weak: dict[str, Any], better: dict[str, Any], rule: str
) -> None:
    assert rule in _rules(_seen(tenant, **weak))
    assert rule not in _rules(_seen(tenant, **better))


def test_what_matters_most_comes_first(tenant: Tenant) -> None:
    found = findings(_seen(tenant, policy={"mfa": "off"}))
    order = [posture_rules.ORDER.index(each.severity) for each in found]
    assert order == sorted(order)
    assert found[0].rule == "mfa_off"


def test_old_keys_idle_admins_and_ending_secrets_are_named(tenant: Tenant) -> None:
    now = clock.now()
    old, young = (
        ListedKey(f"key_{age}", "RS256", 0, now - age * clock.DAY, None, None) for age in (400, 300)
    )
    seen = replace(
        _seen(tenant),
        keys=(old, young),
        idle=(IdleAdmin("ada@example.com", now - 100 * clock.DAY),),
        expiring=(Expiring("cli_1", "Shop", now + clock.DAY),),
        owners=1,
        dns=(Dns("DMARC", "fail", "There is none."), Dns("SPF", "ok", "Fine.")),
    )
    found = {each.rule: each for each in findings(seen)}
    assert found["old_key"].about == "key_400"
    assert found["idle_admin"].values == {"email": "ada@example.com", "count": 100}
    assert found["secret_ends"].path == "/applications/cli_1"
    assert found["mail_dns"].about == "DMARC"
    assert "one_owner" in found


@pytest.mark.parametrize("rule", MENDS)
def test_one_click_mends_what_it_says_and_keeps_the_rest(staff: Staff, rule: str) -> None:
    weak: dict[str, tuple[str, dict[str, Any]]] = {
        "mfa_off": ("policy", {"mfa": "off", "recent_sign_in": 300}),
        "short_passwords": ("passwords", {"min_length": 9, "breached_sign_ins": 1}),
        "breached_passwords": ("passwords", {"min_length": 15, "breached_sign_ins": 9}),
        "long_tokens": ("lifetimes", {"access_token": 9_000, "code": 30}),
        "long_trust": ("policy", {"trusted_device_days": 300, "recent_sign_in": 300}),
    }
    section, document = weak[rule]
    _publish(staff.tenant, section, **document)
    staff.get("/posture")
    assert staff.page.by_id(f"finding-{rule}-") is not None
    staff.press(f"/posture/{rule}/mend")
    assert staff.told == "console.posture.mended"
    assert staff.page.by_id(f"finding-{rule}-") is None
    with read(staff.tenant.id) as session:
        now = settings_store.load(session)
    expected = {**document, **MENDS[rule][1]}
    assert getattr(now, section).model_dump(exclude_unset=True) == expected


def test_only_whoever_may_change_settings_mends(staff: Staff) -> None:
    _publish(staff.tenant, "policy", mfa="off")
    viewer = staff("viewer")
    viewer.get("/posture")
    assert "second factor" in viewer.words
    assert viewer.post("/posture/mfa_off/mend").status_code == 403
    assert staff.post("/posture/no_such_rule/mend").status_code == 404
    assert staff.post("/posture/idle_admin/mend").status_code == 404


def test_what_a_file_owns_is_not_mended_here(staff: Staff) -> None:
    _publish(staff.tenant, "policy", owner="file", mfa="off")
    assert staff.post("/posture/mfa_off/mend").status_code == 409


def test_the_page_finds_what_the_tenant_holds(staff: Staff, make: Factory) -> None:
    staff.get("/posture")
    assert "There is one owner." in staff.words
    staff("owner")
    clock.move(200 * 86_400)
    fresh = Staff(staff.app, staff.tenant)
    fresh.get("/posture")
    assert "There is one owner." not in fresh.words
    assert f"{staff.email} is an admin" in fresh.words
    assert tenants.by_id(staff.tenant.id) is not None


def test_x01_an_admin_elsewhere_is_not_named(staff: Staff, make: Factory) -> None:
    other = Staff(staff.app, make.tenant())
    clock.move(200 * 86_400)
    fresh = Staff(staff.app, staff.tenant)
    fresh.get("/posture")
    assert other.email not in fresh.words
