"""What people do on the way besides going straight on: tabs, back, reload, waiting, coming back."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser
from tests.browser.portal import Portal


def test_two_tabs_are_two_sign_ins_and_both_arrive(portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app("/auth/login", return_to="/dashboard?tab=1")
    first = person.page
    person.new_tab()
    person.open_app("/auth/login", return_to="/dashboard?tab=2")
    person.identify(jane)
    second, person.page = person.page, first
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    assert first.url.endswith("tab=1")
    person.page = second
    person.fill(password=jane.password or "")
    person.press("Sign in")
    person.is_in_app("Robin Roe", "Northwind")
    assert second.url.endswith("tab=2")


def test_back_shows_where_the_flow_is_and_another_address_can_be_given(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.identify("mistyped@example.com")
    person.see("Enter your password")
    person.page.go_back()
    person.see("Enter your password")
    person.press("Change")
    person.identify(jane)
    person.see("Enter your password")
    expect(person.page.locator(".pill")).to_contain_text(jane.email)
    person.fill(password=jane.password or "")
    person.press("Sign in")
    person.is_in_app("Robin Roe", "Northwind")


def test_back_after_the_end_leads_into_the_app_again(portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    flow_url = f"{portal.url}/flow/"
    person.page.go_back()
    while not person.page.url.startswith((flow_url, portal.demo_url)):
        person.page.go_back()
    person.is_in_app("Robin Roe", "Northwind")


def test_a_wrong_password_says_so_and_reload_leaves_the_page_as_it_was(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    person.fill(password="not this one")
    person.press("Sign in")
    error = person.page.locator("[role=alert], .field-error").first
    expect(error).to_contain_text("do not match")
    person.page.reload()
    expect(error).to_contain_text("do not match")
    person.fill(password=jane.password or "")
    person.press("Sign in")
    person.is_in_app("Robin Roe", "Northwind")


def test_reload_after_a_step_shows_that_step_again(portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = portal.member("Northwind", "Contoso"), somebody(portal)
    person.open_app()
    person.sign_in(jane)
    person.see("Choose an organization")
    person.page.reload()
    person.see("Choose an organization")
    person.press("Contoso")
    person.is_in_app("Robin Roe", "Contoso")


def test_a_flow_that_took_too_long_starts_again_with_the_address_kept(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    portal.expire_flow(person.page.url)
    person.fill(password=jane.password or "")
    person.press("Sign in")
    person.see("Sign in to Acme")
    expect(person.page.get_by_label("Email address")).to_have_value(jane.email)
    person.press("Continue")
    person.see("Enter your password")
    person.fill(password=jane.password or "")
    person.press("Sign in")
    person.is_in_app("Robin Roe", "Northwind")


def test_a_lost_cookie_ends_at_a_page_with_one_way_on(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    person.context.clear_cookies(name="authpage_flow_root")
    person.page.reload()
    person.see("This page belongs to another browser")
    person.press("Start again")
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")


def test_the_app_offers_every_account_of_the_browser(portal: Portal, somebody: OpenBrowser) -> None:
    jane, sam = portal.member("Northwind"), portal.member("Contoso")
    person = somebody(portal)
    person.open_app()
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    person.open_app(prompt="select_account")
    person.see("Choose an account")
    person.press("Use another account")
    person.sign_in(sam)
    person.is_in_app("Robin Roe", "Contoso")
    person.open_app(prompt="select_account")
    person.see("Choose an account")
    person.page.get_by_role("button", name=jane.email).click()
    person.is_in_app("Robin Roe", "Northwind")


def test_signing_out_everywhere_reaches_the_other_browser_and_its_app(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane = portal.member("Northwind")
    elsewhere, person = somebody(portal), somebody(portal)
    elsewhere.open_app()
    elsewhere.sign_in(jane)
    elsewhere.is_in_app("Robin Roe", "Northwind")
    person.open("/account")
    person.sign_in(jane)
    person.see("Profile")
    person.press("Devices")
    person.see("Devices")
    expect(person.page.get_by_text(re.compile("^Chrome|^Headless"))).to_have_count(2)
    person.press("Sign out everywhere")
    person.see("You are signed out")

    elsewhere.press("Refresh now")
    elsewhere.see("Please sign in")
    elsewhere.press("Sign in")
    elsewhere.see("Sign in to Acme")
    elsewhere.open("/account")
    elsewhere.see("Sign in to Acme")


def test_signing_out_without_a_hint_asks_first(portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open("/account")
    person.sign_in(jane)
    person.see("Profile")
    person.open("/oauth2/logout")
    person.see("Sign out of Acme?")
    person.open("/account")
    person.see("Profile")
    person.open("/oauth2/logout")
    person.press("Sign out")
    person.see("You are signed out")
    person.open("/account")
    person.see("Sign in to Acme")
