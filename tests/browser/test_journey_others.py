"""Signing in with others in a real browser: at a company's own sign-in, with an account from
elsewhere, and by the demo's own providers, which are tenants of the same server."""

import re

import pytest
from playwright.sync_api import expect

from app.cli.demo import PASSWORD
from app.directory import tenants
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal

PHONE = {"width": 390, "height": 844}
KIM, ROBIN = "kim@tailspin.example", "robin@example.net"


@pytest.mark.parametrize("scripts", [False, True], ids=["without", "with"])
def test_an_address_leads_to_the_company_and_the_device_remembers_it(
    portal: Portal, somebody: OpenBrowser, scripts: bool
) -> None:
    person = somebody(portal, java_script_enabled=scripts, viewport=PHONE)
    person.open_app()
    person.identify(KIM)
    person.see("Sign in to Tailspin Toys")
    person.press("Continue to Tailspin Toys")
    _sign_in_there(person, "Tailspin Toys", KIM)
    person.is_in_app("Kim Poe", "Tailspin Toys")
    _sign_out(person)

    person.open_app()
    person.see("Sign in to Acme")
    assert _first_button(person) == "Continue to Tailspin Toys Last used"
    person.press("Continue to Tailspin Toys")
    person.is_in_app("Kim Poe", "Tailspin Toys")
    stranger = somebody(portal)
    stranger.open_app()
    stranger.see("Sign in to Acme")
    assert _first_button(stranger) == "Continue"


def test_an_account_from_elsewhere_is_enough_and_offered_first_the_next_time(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person = somebody(portal)
    person.open_app()
    person.see("Sign in to Acme")
    person.press("Continue with Demo ID")
    _sign_in_there(person, "Demo ID", ROBIN)
    person.is_in_app("Robin Roe", "none")
    _sign_out(person)
    person.open_app()
    person.see("Sign in to Acme")
    assert _first_button(person) == "Continue with Demo ID Last used"


def test_accounts_from_elsewhere_are_linked_and_unlinked_in_the_account(
    portal: Portal, somebody: OpenBrowser
) -> None:
    there = tenants.by_slug("demo-id")
    assert there is not None
    jane, sky = portal.member(), portal.make.user(there)
    person = somebody(portal, java_script_enabled=False)
    person.open("/account/security")
    person.sign_in(jane)
    person.see("Sign-in and security")
    block = person.page.get_by_role("region", name="Linked accounts")
    expect(block).to_contain_text("Demo ID")
    block.get_by_role("button", name="Link").click()
    person.see("Link Demo ID")
    person.press("Continue to Demo ID")
    _sign_in_there(person, "Demo ID", sky.email, sky.password or "")
    person.see("Sign-in and security")
    expect(block).to_contain_text(sky.email)
    block.get_by_role("link", name="Unlink").click()
    person.page.locator("main form button.danger, main form button.primary").first.click()
    person.see("Sign-in and security")
    expect(block).not_to_contain_text(sky.email)
    expect(block.get_by_role("button", name="Link")).to_be_visible()


def _sign_in_there(person: Person, name: str, address: str, password: str = PASSWORD) -> None:
    """At the provider, which is a tenant of its own."""
    person.see(f"Sign in to {name}")
    person.fill(email=address)
    person.press("Continue")
    person.see("Enter your password")
    person.fill(password=password)
    person.press("Sign in")


def _sign_out(person: Person) -> None:
    person.press("Sign out")
    person.is_signed_out_of_app()


def _first_button(person: Person) -> str:
    """The accessible words of the first button of the page."""
    button = person.page.locator("main").get_by_role("button").first
    words = re.search(r'button "(.*)"', button.aria_snapshot())
    return words[1] if words else ""
