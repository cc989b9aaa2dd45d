"""Texts, the overview and what is worth mending, in a real browser."""

import pytest
from playwright.sync_api import Browser, expect

from app import clock
from app.actor import CLI
from app.audit import counting
from app.database import named, write
from app.directory import settings_store
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal

PAGES = (
    "/texts/en",
    "/texts/ar/error.code_wrong?language=ar",
    "/texts/languages",
    "/texts/history",
    "/texts/file",
    "/overview",
    "/overview?days=90",
    "/posture",
)
_COUNT = named(
    """INSERT INTO daily_count (tenant_id, at, name, total)
       VALUES (:tenant_id, :at, :name, :total)"""
)


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant(policy={"mfa": "off"})


def test_whoever_words_a_sentence_sees_it_beside_the_form(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant)
    page = ada.page
    page.goto(f"{portal.url}{console_of(portal, tenant)}/texts/de")
    page.get_by_label("Words or id").fill("identify.title")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="identify.title").click()
    page.get_by_label("Your words").fill("Hallo bei {{ nobody }}")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.locator(".field-error")).to_contain_text("You can use {{ tenant_name }}")
    page.get_by_label("Your words").fill("Hallo bei {{ tenant_name }}")
    page.get_by_role("button", name="Save and publish").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Hallo bei")
    ada.close()


def test_axe_finds_nothing_and_nothing_is_too_wide(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    _fill(tenant)
    ada = owner(browser, portal, tenant, bypass_csp=True)
    found = faults_of_pages(ada, f"{portal.url}{console_of(portal, tenant)}", PAGES)
    ada.close()
    assert not found, "\n".join(found)


def _fill(tenant: Tenant) -> None:
    """Own sentences, one of them stale, and a day with sign-ins by three methods."""
    own = {"en": {"page.home": "Start", "old.gone": "x"}, "fi": {"page.home": "Koti"}}
    today = clock.now() - clock.now() % clock.DAY
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "texts", {"overrides": own}, owner="console")
        for total, method in enumerate(("password", "passkey", "totp"), start=1):
            values = {"at": today, "name": f"{counting.SIGNED_IN}{method}", "total": total}
            session.execute(_COUNT, {"tenant_id": tenant.id, **values})
