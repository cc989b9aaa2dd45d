"""Previews in a real browser: in their frames, changed by a script, and as axe-core sees them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.branding import accessibility
from app.console import preview_catalogue, preview_folder
from app.console.preview_drawing import Choices
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.axe import violations
from tests.browser.person import Person
from tests.browser.portal import Portal

_ALIKE = ("mail-", "error_")
"""Mails are looked at in test_look_axe; of the pages that say what went wrong, one is enough."""


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant(brand={"name": "Acme", "layout": "split", "tagline": "All of it."})


def test_axe_agrees_with_the_gallery_about_every_screen(
    browser: Browser, portal: Portal, tenant: Tenant, tmp_path: Path
) -> None:
    """The gallery says that nothing was found; axe-core finds nothing in the same pages."""
    choices = Choices("dark", "ar", "error")
    preview_folder.write_all(tenant, tmp_path, [choices])
    page = browser.new_context(bypass_csp=True).new_page()
    wrong: list[str] = []
    for name in preview_catalogue.names():
        if name.startswith(_ALIKE) and name != "error_not_found":
            continue
        file = tmp_path / "dark-ar-error" / f"{name}.html"
        page.goto(file.as_uri())
        wrong += [f"{name}: {each}" for each in violations(page)]
        assert accessibility.faults_of(file.read_text(encoding="utf-8")) == []
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_axe_finds_nothing_on_the_pages_around_the_previews(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant, bypass_csp=True)
    base = f"{portal.url}{console_of(portal, tenant)}"
    wrong = faults_of_pages(ada, base, ("/branding", "/gallery", "/preview-links"))
    ada.context.close()
    assert not wrong, "\n".join(wrong)


def test_b02_a_preview_is_styled_in_its_frame_and_runs_nothing(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    """Without an origin it still gets its stylesheet and letters; it follows no link, sends no
    form and runs no script."""
    ada = owner(browser, portal, tenant, viewport={"width": 1640, "height": 1000})
    asked: list[str] = []
    ada.context.on("request", lambda request: asked.append(request.url))
    ada.page.goto(f"{portal.url}{console_of(portal, tenant)}/branding")
    frame = ada.page.frame_locator("iframe")
    button = frame.get_by_role("button", name="Continue", exact=True)
    expect(button).to_have_css("background-color", "rgb(79, 70, 229)")
    expect(frame.locator("h1")).to_have_css("font-family", re.compile("Inter"))
    ada.page.wait_for_load_state("networkidle")
    before = len(asked)
    button.click()
    frame.get_by_role("button", name="Create an account").click()
    frame.locator("summary").click()
    frame.get_by_role("link", name="Deutsch").click()
    ada.page.wait_for_load_state("networkidle")
    assert asked[before:] == []
    assert len(ada.context.pages) == 1
    expect(frame.locator("h1")).to_have_text("Sign in to Acme")
    ada.context.close()


def test_choices_change_the_frame_alone(browser: Browser, portal: Portal, tenant: Tenant) -> None:
    ada = owner(browser, portal, tenant)
    ada.page.goto(f"{portal.url}{console_of(portal, tenant)}/branding")
    ada.page.evaluate("window.stayed = true")
    preview, frame = ada.page.locator(".preview"), ada.page.frame_locator("iframe")
    preview.get_by_role("link", name="MFA").click()
    expect(frame.locator("h1")).to_have_text("Enter the code from your app")
    preview.get_by_role("link", name="Dark").click()
    expect(frame.locator("body")).to_have_css("background-color", "rgb(23, 23, 29)")
    preview.get_by_role("link", name="Phone").click()
    expect(ada.page.locator(".frame.phone")).to_be_visible()
    preview.get_by_label("Language").select_option("de")
    expect(frame.locator("html")).to_have_attribute("lang", "de")
    preview.get_by_label("Screen", exact=True).select_option("mail-sign_in_code")
    expect(frame.locator(".code")).to_have_text("123456")
    assert ada.page.evaluate("window.stayed")
    _reloads_the_same(ada)
    ada.close()


def _reloads_the_same(ada: Person) -> None:
    """What was chosen is in the address, so a reload or a link shows it again."""
    ada.page.reload()
    frame = ada.page.frame_locator("iframe")
    expect(frame.locator(".code")).to_have_text("123456")
    expect(ada.page.locator(".frame.phone")).to_be_visible()


def test_a_saved_draft_is_seen_at_once(browser: Browser, portal: Portal, tenant: Tenant) -> None:
    ada = owner(browser, portal, tenant)
    ada.page.goto(f"{portal.url}{console_of(portal, tenant)}/branding")
    frame = ada.page.frame_locator("iframe")
    ada.page.get_by_label("Accent color").fill("#0f766e")
    button = frame.get_by_role("button", name="Continue", exact=True)
    expect(button).to_have_css("background-color", "rgb(15, 118, 110)")
    ada.close()
