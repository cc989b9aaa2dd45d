"""The outcome: from an app, through AuthPage, back to the app; in a browser, on both databases."""

from playwright.sync_api import expect

from app.ids import new_id
from tests.browser.conftest import OpenBrowser
from tests.browser.portal import Portal
from tests.browser.receiver import Receiver


def _address() -> str:
    return f"{new_id('u').replace('_', '.')}@example.com"


def test_a_password_leads_back_into_the_app_and_signing_out_leads_out(
    any_portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = any_portal.member("Northwind", "Contoso"), somebody(any_portal)
    person.open_app("/")
    person.press("Sign in")
    person.sign_in(jane)
    person.see("Choose an organization")
    person.press("Northwind")
    person.is_in_app("Robin Roe", "Northwind")
    expect(person.page.locator(".claims")).to_contain_text(jane.id)

    person.press("Sign out")
    person.is_signed_out_of_app()
    person.open_app()
    person.see("Sign in to Acme")
    assert any_portal.make.events(any_portal.tenant).count("user.signed_in") >= 1


def test_the_live_session_answers_the_next_app_request_at_once(
    any_portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = any_portal.member("Northwind"), somebody(any_portal)
    person.open_app()
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    person.context.clear_cookies(name="app_session")
    person.open_app("/dashboard")
    person.is_in_app("Robin Roe", "Northwind")


def test_sign_up_proves_the_address_and_founds_an_organization(
    any_portal: Portal, somebody: OpenBrowser
) -> None:
    address, person = _address(), somebody(any_portal)
    person.open_app(prompt="create")
    person.see("Create your account")
    person.fill(
        display_name="Kim Poe",
        email=address,
        password="a long walk at noon",
        organization_name="Kim & Sons",
    )
    person.press("Create account")
    person.give_code(any_portal.code(address))
    person.is_in_app("Kim Poe", "Kim & Sons")


def test_an_emailed_code_signs_in(any_portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = any_portal.member("Northwind"), somebody(any_portal)
    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    person.press("Email me a code")
    person.give_code(any_portal.code(jane.email))
    person.is_in_app("Robin Roe", "Northwind")


def test_recovery_sets_a_password_and_ends_the_other_sessions(
    any_portal: Portal, somebody: OpenBrowser
) -> None:
    jane = any_portal.member("Northwind")
    elsewhere, person = somebody(any_portal), somebody(any_portal)
    elsewhere.open("/account")
    elsewhere.sign_in(jane)
    elsewhere.see("Profile")

    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    person.press("Forgot password?")
    person.see("Reset your password")
    person.press("Continue")
    person.give_code(any_portal.code(jane.email))
    person.see("Choose a new password")
    person.fill(password="a different long walk")
    person.press("Save password")
    person.is_in_app("Robin Roe", "Northwind")

    elsewhere.page.reload()
    elsewhere.see("Sign in to Acme")


def test_a_foreign_client_gets_what_the_person_allows_and_is_remembered(
    any_portal: Portal, somebody: OpenBrowser, receiver: Receiver
) -> None:
    jane, person = any_portal.member(), somebody(any_portal)
    client = receiver.register(any_portal)
    person.open("/oauth2/authorize", **receiver.request(client))
    person.sign_in(jane)
    person.see("Globex wants to use your account")
    assert receiver.received == []
    person.press("Allow")
    person.see("Landed")
    method, answer = receiver.received[-1]
    assert (method, answer["state"], answer["iss"]) == ("GET", "state-of-globex", any_portal.url)
    tokens = receiver.exchange(any_portal, client)
    assert tokens["scope"] == "openid profile email"

    person.open("/oauth2/authorize", **receiver.request(client))
    person.see("Landed")
    assert len(receiver.received) == 2
