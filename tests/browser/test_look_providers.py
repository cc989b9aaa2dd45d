"""Buttons of providers: the many are folded away, and what was used last stands above the field."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser import gallery
from tests.browser.axe import violations
from tests.browser.upstream_samples import SOCIAL

PHONE: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with gallery.serving(gallery.create_gallery()) as origin:
        yield origin


@pytest.mark.parametrize("sample", ["identify-providers-many", "sign_up-providers"])
def test_many_providers_are_behind_one_button_that_needs_no_script(
    browser: Browser, origin: str, sample: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = _unfolded(context.new_page(), f"{origin}/{sample}?locale=en")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()


def test_axe_finds_nothing_among_the_many(browser: Browser, origin: str) -> None:
    context = browser.new_context(viewport=PHONE, bypass_csp=True)
    page = _unfolded(context.new_page(), f"{origin}/identify-providers-many?locale=en")
    assert violations(page) == []
    context.close()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_what_was_used_last_is_above_the_field_and_enter_still_means_the_field(
    browser: Browser, origin: str, locale: str
) -> None:
    page = browser.new_page()
    page.goto(f"{origin}/identify-last-provider?locale={locale}")
    used, field = page.locator(".first-way button"), page.locator("input[name=email]")
    above, below = used.bounding_box(), field.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] < below["y"]
    expect(field).to_be_focused()
    field.fill("jane@example.com")
    with page.expect_request("**/identify-last-provider*") as sent:
        field.press("Enter")
    assert "action=connect" not in (sent.value.post_data or "")
    page.close()


def _unfolded(page: Page, url: str) -> Page:
    """The page with all providers shown, of which there were four before."""
    page.goto(url)
    expect(_ways(page)).to_have_count(4)
    page.get_by_text("More ways to sign in (8)").click()
    expect(_ways(page)).to_have_count(len(SOCIAL))
    return page


def _ways(page: Page) -> Locator:
    return page.locator("button[value^='connect:']:visible")
