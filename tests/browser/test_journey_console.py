"""From the one-time link of a new installation to a look that people see when they sign in, the
way of docs/branding-in-five-minutes.md."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from app.actor import CLI
from app.database import write
from app.directory import console, first_admin
from app.extensions import db
from app.ids import new_id
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.virtual import VirtualAuthenticator

DESKTOP: dict[str, Any] = {"viewport": {"width": 1640, "height": 1000}}


@pytest.fixture
def link(portal: Portal) -> str:
    """As `make run` prints it; nobody is an admin yet."""
    here = console.prepare()
    with db.engine.begin() as connection:
        connection.execution_options(authpage_migration=True).exec_driver_sql(
            "DELETE FROM admin_role"
        )
    with write(here.id) as session:
        token = first_admin.link(session, CLI, here)
    return f"{here.base_url}{console.HOME}/first?token={token}"


def test_the_first_admin_brands_a_tenant_and_people_see_it(
    browser: Browser, portal: Portal, link: str
) -> None:
    ada = Person(browser, portal, **DESKTOP)
    authenticator = VirtualAuthenticator(ada)
    slug, email = new_id("t").replace("_", "-"), f"{new_id('a')}@acme.example".replace("_", ".")
    _come_in(ada, link, email)
    assert len(authenticator.credentials) == 1
    ada.page.get_by_role("link", name="New tenant").click()
    ada.page.get_by_label("Name").fill("Beta")
    ada.page.get_by_label("Slug").fill(slug)
    ada.page.get_by_role("button", name="Make the tenant").click()
    ada.page.get_by_role("link", name="Branding").click()
    ada.page.get_by_label("Accent color").fill("#be123c")
    expect(ada.page.locator("#saved")).to_have_text("Draft saved just now")
    preview = ada.page.frame_locator("iframe").first
    expect(preview.locator(".button.primary")).to_have_css("background-color", "rgb(190, 18, 60)")
    jane = Person(browser, portal)
    before = _accent_seen_by(jane, slug)
    assert before != "rgb(190, 18, 60)"
    ada.page.get_by_role("button", name="Publish").click()
    expect(ada.page.locator("#told")).to_contain_text("Published")
    assert _accent_seen_by(jane, slug) == "rgb(190, 18, 60)"
    ada.close()
    jane.close()


def _come_in(ada: Person, link: str, email: str) -> None:
    ada.page.goto(link)
    assert "token" not in ada.page.url
    ada.page.get_by_label("Your name").fill("Ada Admin")
    ada.page.get_by_label("Your email address").fill(email)
    ada.page.get_by_role("button", name="Go on to sign in").click()
    ada.page.get_by_role("button", name="Continue").click()
    ada.see("Check your email")
    ada.page.locator("#code").fill(ada.portal.code(email))
    ada.see("Add a second step")
    ada.press("Create a passkey")
    ada.see("Create your passkey")
    ada.press("Create a passkey")
    ada.see("Save your recovery codes")
    ada.page.locator("form#answer button.primary").click()
    ada.see("Your tenants")


def _accent_seen_by(jane: Person, slug: str) -> str:
    jane.page.goto(f"{jane.portal.url}/t/{slug}/sign-in")
    button = jane.page.locator(".button.primary").first
    return str(button.evaluate("each => getComputedStyle(each).backgroundColor"))
