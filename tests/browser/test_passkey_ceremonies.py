"""Each passkey ceremony in a real browser with Chromium's virtual authenticator."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.actor import CLI
from app.database import write
from app.directory import settings_store
from app.ids import new_id
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.virtual import VirtualAuthenticator
from tests.factories import MadeUser

OFFER = "Sign in faster next time"
REFUSED = "No passkey was used. Try again, or choose another way."
Equipped = Callable[[], tuple[Person, MadeUser, VirtualAuthenticator]]


@pytest.fixture
def equipped(portal: Portal, somebody: OpenBrowser) -> Equipped:
    """Makes somebody who made a passkey after signing in by password, and is signed out again."""

    def make() -> tuple[Person, MadeUser, VirtualAuthenticator]:
        user, person = portal.member("Northwind"), somebody(portal)
        authenticator = VirtualAuthenticator(person)
        person.open_app()
        person.sign_in(user)
        person.see(OFFER)
        person.press("Create a passkey")
        person.is_in_app("Robin Roe", "Northwind")
        assert len(authenticator.credentials) == 1
        person.context.clear_cookies()
        return person, user, authenticator

    return make


def test_a_passkey_is_offered_after_a_password_and_made(equipped: Equipped) -> None:
    _, user, authenticator = equipped()
    [credential] = authenticator.credentials
    assert credential["rpId"] == "localhost"
    assert credential["isResidentCredential"]
    assert credential["userName"] == user.email


def test_an_offer_that_is_declined_leads_on(portal: Portal, somebody: OpenBrowser) -> None:
    user, person = portal.member("Northwind"), somebody(portal)
    authenticator = VirtualAuthenticator(person)
    person.open_app()
    person.sign_in(user)
    person.see(OFFER)
    person.press("Not now")
    person.is_in_app("Robin Roe", "Northwind")
    assert authenticator.credentials == []


def test_sign_up_with_a_passkey_proves_the_address_first(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person = somebody(portal)
    address = f"{new_id('u').replace('_', '.')}@example.com"
    authenticator = VirtualAuthenticator(person)
    person.open_app(prompt="create")
    person.see("Create your account")
    person.fill(display_name="Kim Poe", email=address)
    person.press("Create account with a passkey")
    person.give_code(portal.code(address))
    person.see("Create your passkey")
    assert authenticator.credentials == []
    authenticator.recognises(False)
    person.press("Create a passkey")
    expect(person.page.get_by_text(REFUSED)).to_be_focused()
    expect(person.page.get_by_role("button", name="Go on without a passkey")).to_be_visible()
    authenticator.recognises(True)
    person.press("Create a passkey")
    person.page.wait_for_url(f"{portal.demo_url}/**")
    person.see("Welcome, Kim Poe")
    [credential] = authenticator.credentials
    assert credential["userName"] == address


def test_no_offer_without_an_authenticator(portal: Portal, somebody: OpenBrowser) -> None:
    user, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.sign_in(user)
    person.is_in_app("Robin Roe", "Northwind")


def test_autofill_signs_in_from_the_identifier_field(equipped: Equipped) -> None:
    person, _, _ = equipped()
    person.open_app()
    person.is_in_app("Robin Roe", "Northwind")


def test_the_button_signs_in(equipped: Equipped) -> None:
    person, _, authenticator = equipped()
    authenticator.is_present(False)
    person.open_app()
    person.see("Sign in to Acme")
    authenticator.is_present(True)
    person.press("Use a passkey")
    person.is_in_app("Robin Roe", "Northwind")


def test_a_typed_identifier_leads_to_the_passkey(equipped: Equipped) -> None:
    person, user, authenticator = equipped()
    authenticator.is_present(False)
    person.open_app()
    person.identify(user)
    person.see("Enter your password")
    person.press("Use a passkey")
    person.see("Use your passkey")
    authenticator.is_present(True)
    person.press("Use a passkey")
    person.is_in_app("Robin Roe", "Northwind")


def test_a_refused_ceremony_says_so_and_every_other_way_is_open(equipped: Equipped) -> None:
    person, user, authenticator = equipped()
    authenticator.recognises(False)
    person.open_app()
    person.see("Sign in to Acme")
    person.press("Use a passkey")
    said = person.page.get_by_text(REFUSED)
    expect(said).to_be_visible()
    expect(said).to_be_focused()
    expect(said).to_have_role("status")
    person.fill(email=user.email)
    person.press("Continue")
    person.see("Enter your password")
    person.press("Use a passkey")
    person.see("Use your passkey")
    person.press("Use a passkey")
    expect(person.page.get_by_text(REFUSED)).to_be_visible()
    authenticator.recognises(True)
    person.press("Use a passkey")
    person.is_in_app("Robin Roe", "Northwind")


def test_a_refused_creation_says_so_and_can_be_repeated(
    portal: Portal, somebody: OpenBrowser
) -> None:
    user, person = portal.member("Northwind"), somebody(portal)
    authenticator = VirtualAuthenticator(person)
    person.open_app()
    person.identify(user)
    person.see("Enter your password")
    authenticator.recognises(False)
    person.fill(password=str(user.password))
    person.press("Sign in")
    person.see(OFFER)
    person.press("Create a passkey")
    expect(person.page.get_by_text(REFUSED)).to_be_focused()
    authenticator.recognises(True)
    person.press("Create a passkey")
    person.is_in_app("Robin Roe", "Northwind")
    assert len(authenticator.credentials) == 1


def test_a_stale_page_renews_its_challenge(equipped: Equipped) -> None:
    person, _, authenticator = equipped()
    authenticator.is_present(False)
    person.open_app()
    person.see("Sign in to Acme")
    first = person.page.evaluate("passkey.options.challenge")
    person.page.evaluate("passkey.fetchedAt = -1e9")
    with person.page.expect_response("**/passkey**"):
        person.press("Use a passkey")
    person.page.wait_for_function(f"passkey.options.challenge !== '{first}'")
    authenticator.is_present(True)
    person.press("Use a passkey")
    person.is_in_app("Robin Roe", "Northwind")


def test_a_passkey_is_a_second_factor(
    portal: Portal, somebody: OpenBrowser, equipped: Equipped
) -> None:
    person, user, authenticator = equipped()
    authenticator.is_present(False)
    with write(portal.tenant.id) as session:
        settings_store.publish(session, CLI, "policy", {"mfa": "required"})
    try:
        person.open_app()
        person.sign_in(user)
        person.see("Use your passkey")
        authenticator.is_present(True)
        authenticator.recognises(False)
        person.press("Use a passkey")
        expect(person.page.get_by_text(REFUSED)).to_be_focused()
        authenticator.recognises(True)
        person.press("Use a passkey")
        person.is_in_app("Robin Roe", "Northwind")
    finally:
        with write(portal.tenant.id) as session:
            settings_store.publish(session, CLI, "policy", {})


def test_without_scripts_no_passkey_is_asked_for(portal: Portal, somebody: OpenBrowser) -> None:
    user, person = portal.member("Northwind"), somebody(portal, java_script_enabled=False)
    person.open_app()
    person.see("Sign in to Acme")
    expect(person.page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    person.fill(email=user.email)
    person.press("Continue")
    person.see("Enter your password")
    expect(person.page.get_by_role("button", name="Use a passkey")).to_have_count(0)
