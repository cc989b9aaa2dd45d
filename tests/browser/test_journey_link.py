"""A magic link opened in another browser: it releases the first one, and signs nobody in itself."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser
from tests.browser.portal import Portal
from tests.journeys.links import LINKS_ONLY

CONFIRMED = "Go back to where you started"
RELEASED = "Link confirmed"
LOOKS_EVERY = 4_000
"""Milliseconds between two looks of the waiting page."""


def test_l03_the_waiting_page_goes_on_when_the_link_was_confirmed_elsewhere(
    portal: Portal, somebody: OpenBrowser
) -> None:
    tenant = portal.make.tenant(methods=LINKS_ONLY)
    user, home = portal.make.user(tenant, password=None), f"/t/{tenant.slug}/account"
    here, phone = somebody(portal), somebody(portal, viewport={"width": 360, "height": 640})
    here.page.clock.install()
    here.open(home)
    here.identify(user)
    here.see("Check your email")
    number = here.page.locator("[data-awaits-release] strong").inner_text()
    with here.page.expect_response("**/flow/**"):
        here.page.clock.run_for(LOOKS_EVERY)
    here.see("Check your email")

    phone.page.goto(portal.link(user.email))
    phone.see("Is it you who is signing in?")
    phone.fill(number=number)
    phone.press("Confirm")
    phone.see(CONFIRMED)
    phone.open(home)
    phone.see("Sign in to Acme")

    here.page.clock.run_for(LOOKS_EVERY)
    here.see(RELEASED)
    expect(here.page.locator("[data-awaits-release]")).to_have_count(0)
    here.press("Continue")
    here.see("Profile")


def test_l03_a_wrong_number_releases_nobody(portal: Portal, somebody: OpenBrowser) -> None:
    tenant = portal.make.tenant(methods=LINKS_ONLY)
    user, home = portal.make.user(tenant, password=None), f"/t/{tenant.slug}/account"
    here, thief = somebody(portal), somebody(portal)
    here.page.clock.install()
    here.open(home)
    here.identify(user)
    here.see("Check your email")
    number = int(here.page.locator("[data-awaits-release] strong").inner_text())
    thief.page.goto(portal.link(user.email))
    thief.see("Is it you who is signing in?")
    thief.fill(number=f"{(number + 1) % 100:02d}")
    thief.press("Confirm")
    expect(thief.page.get_by_role("textbox")).to_have_count(0)
    with here.page.expect_response("**/flow/**"):
        here.page.clock.run_for(LOOKS_EVERY)
    here.see("Check your email")
    expect(here.page.locator("[data-awaits-release]")).to_have_count(1)
