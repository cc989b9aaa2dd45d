"""The list of users in a real browser, and axe over every page about people."""

import pytest
from playwright.sync_api import Browser, expect

from app.account import support_recovery
from app.actor import CLI, Actor
from app.database import write
from app.directory import required_passwords, sessions, settings_store, trusted_devices
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal
from tests.factories import MadeUser

PAGES = (
    "/users",
    "/users?status=erased",
    "/users?q=nobody",
    "/users/new",
    "/users/{id}",
    "/users/{id}/credentials",
    "/users/{id}/sessions",
    "/users/{id}/organizations",
    "/users/{id}/activity",
    "/users/{id}/metadata",
    "/users/{id}/contacts/new",
    "/users/{id}/recovery",
    "/users/{id}/delete",
    "/users/{id}/sessions/end",
    "/sign-up-fields",
    "/sign-up-fields/new",
)


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant()


def test_the_list_follows_what_is_typed_and_chosen(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    for name in ("Jane Doe", "Grace Hopper", "Ada Lovelace"):
        portal.make.user(tenant, display_name=name)
    ada = owner(browser, portal, tenant)
    page, rows = ada.page, ada.page.locator("tbody tr")
    page.goto(f"{portal.url}{console_of(portal, tenant)}/users")
    expect(rows).to_have_count(3)
    page.get_by_label("Name, email, phone").press_sequentially("hop")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("Users on this page: 1")
    assert "q=hop" in page.url
    page.get_by_label("Status").select_option("disabled")
    expect(page.get_by_text("Nobody fits this search.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name, email, phone")).to_have_value("hop")
    ada.close()


def test_a_question_shows_only_what_its_kind_has(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    ada = owner(browser, portal, tenant)
    page = ada.page
    page.goto(f"{portal.url}{console_of(portal, tenant)}/sign-up-fields/new")
    expect(page.get_by_label("Pattern")).to_be_visible()
    page.get_by_label("Consent", exact=True).check()
    expect(page.get_by_label("Pattern")).to_be_hidden()
    expect(page.get_by_label("Version")).to_be_visible()
    ada.close()


def test_axe_finds_nothing_on_the_pages_about_people(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    jane = _jane(portal, tenant)
    ada = owner(browser, portal, tenant, bypass_csp=True)
    base = f"{portal.url}{console_of(portal, tenant)}"
    found = faults_of_pages(ada, base, [path.format(id=jane.id) for path in PAGES])
    ada.close()
    assert not found, "\n".join(found)


def _jane(portal: Portal, tenant: Tenant) -> MadeUser:
    """Somebody with one of everything, at a tenant that asks new people two questions."""
    jane = portal.make.user(tenant, display_name="Jane Doe " * 12)
    portal.make.authenticator(tenant, jane, "My phone")
    portal.make.organization(tenant, "Northwind Labs", jane)
    fields = [{"name": name, "kind": "text", "label": {"en": name}} for name in ("team", "city")]
    with write(tenant.id) as session:
        opened = sessions.open(
            session,
            Actor("user", jane.id, "192.0.2.9"),
            tenant,
            cookie_value=None,
            user_id=jane.id,
            amr=["pwd"],
            acr=None,
            auth_time=1_700_000_000_000,
        )
        trusted_devices.trust(session, CLI, tenant, opened.browser_id, jane.id)
        required_passwords.require(session, CLI, jane.id, ends_sessions=False)
        settings_store.publish(session, CLI, "sign_up", {"fields": fields})
    support_recovery.start(tenant, CLI, jane.id, "She called")
    return jane
