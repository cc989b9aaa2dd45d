"""The editor of a message in a real browser, and axe over every page about messages."""

import pytest
from playwright.sync_api import Browser, expect

from app.actor import CLI
from app.database import write
from app.delivery import leases
from app.delivery.outbox import queue_mail
from app.directory import settings_store
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant(texts={"locales": ["en", "ar"]})


def test_the_preview_follows_what_is_typed_and_the_form_can_still_be_saved(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant, viewport={"width": 1400, "height": 900})
    page = ada.page
    page.goto(f"{portal.url}{console_of(portal, tenant)}/messages/sign_in_code/en")
    preview = page.frame_locator("iframe[name=mail-preview]")
    for heading in ("Typed once", "Typed twice"):
        page.get_by_label("Heading").fill(heading)
        expect(preview.locator("h1")).to_have_text(heading)
    page.get_by_label("Heading").fill("{{ nobody }}")
    expect(preview.locator("body")).to_contain_text("There is no {{ nobody }} here.")
    page.get_by_label("Heading").fill("Kept")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#told")).to_contain_text("saved")
    expect(preview.locator("h1")).to_have_text("Kept")
    ada.close()


def test_axe_finds_nothing_on_the_pages_about_messages(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    with write(tenant.id) as session:
        document = {"sender": "azure", "address": "no-reply@acme.example"}
        settings_store.publish(session, CLI, "mail", document)
        message = queue_mail(
            session,
            tenant,
            "password_changed",
            to="jane@example.com",
            values={},
            locale="en",
            carries_secret=False,
            lives=600,
        )
    for taken in leases.take(50):
        leases.give_up(taken, "550 to RCPT")
    ada = owner(browser, portal, tenant, bypass_csp=True, viewport={"width": 390, "height": 844})
    base = f"{portal.url}{console_of(portal, tenant)}/messages"
    paths = (
        "",
        "/sign_in_code/en",
        "/sms_sign_in_code/ar",
        "/senders",
        "/senders/mail",
        "/doctor",
        "/log",
        f"/log/{message}",
    )
    wrong = faults_of_pages(ada, base, paths)
    ada.context.close()
    assert not wrong, "\n".join(wrong)
