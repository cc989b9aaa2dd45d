"""The form of a look in a real browser: it saves itself, and what was published is seen."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.database import read
from app.directory import drafts
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant(texts={"locales": ["en", "de"]})


def _logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 30), "#be123c").save(out, "PNG")
    return out.getvalue()


def test_a_look_is_drafted_without_a_page_load_and_published(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant, viewport={"width": 1640, "height": 1000})
    page, base = ada.page, f"{portal.url}{console_of(portal, tenant)}/branding"
    page.goto(base)
    page.evaluate("window.stayed = true")
    said, pill = page.locator("#saved"), page.locator("#contrast .pill")
    accent = page.get_by_label("Accent color")
    accent.fill("#ffff00")
    expect(pill).to_contain_text("Corrected to")
    expect(said).to_have_text("Draft saved just now")
    accent.fill("yellow")
    expect(page.locator(".field-error")).to_contain_text("six digits")
    page.get_by_role("button", name="Use #147a3a").click()
    expect(page.locator(".field-error")).to_have_count(0)
    expect(pill).to_contain_text("AA 5")
    page.locator("label", has_text="Split").click()
    expect(page.locator("#discard")).to_be_visible()
    assert page.evaluate("window.stayed")
    page.locator("input[name=logo]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": _logo()}
    )
    expect(page.locator(".picture-now.logo")).to_be_visible()
    page.get_by_label("Heading on the sign-in page (English)").fill("Come in")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#told")).to_contain_text("Published")
    with read(tenant.id) as session:
        assert drafts.load(session, "brand") is None
    page.goto(f"{tenant.base_url}/sign-in")
    expect(page.locator("h1")).to_have_text("Come in")
    expect(page.locator("img.logo")).to_be_visible()
    expect(page.locator(".button.primary")).to_have_css("background-color", "rgb(20, 122, 58)")
    ada.close()


def test_axe_finds_nothing_on_the_pages_about_a_look(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant, bypass_csp=True, viewport={"width": 390, "height": 844})
    base = f"{portal.url}{console_of(portal, tenant)}/branding"
    ada.page.goto(base)
    ada.page.get_by_label("Accent color").fill("#0e7490")
    expect(ada.page.locator("#saved")).to_have_text("Draft saved just now")
    ada.page.get_by_role("button", name="Publish").click()
    paths = ("/changes", "/history", "/schedule", "/values", "/file")
    wrong = faults_of_pages(ada, base, paths)
    ada.context.close()
    assert not wrong, "\n".join(wrong)
