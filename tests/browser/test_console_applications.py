"""Applications, keys, policy, settings and domains at the console, in a real browser."""

import pytest
from playwright.sync_api import Browser, expect

from app.actor import CLI
from app.database import EVERYWHERE, write
from app.directory import client_secrets, settings_store, tenants
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal

PAGES = (
    "/applications",
    "/applications/new?kind=web",
    "/applications/{client}",
    "/applications/{client}/edit",
    "/applications/{client}/quick-start?library=nextjs",
    "/keys",
    "/policy",
    "/policy/codes",
    "/settings",
    "/settings/codes/history",
    "/hosts/{host}",
)


@pytest.fixture
def tenant(portal: Portal) -> Tenant:
    return portal.make.tenant(codes={"digits": 4})


def test_a_secret_and_a_file_are_copied(browser: Browser, portal: Portal, tenant: Tenant) -> None:
    allowed = {"permissions": ["clipboard-read", "clipboard-write"]}
    ada = owner(browser, portal, tenant, **allowed)
    page = ada.page
    page.goto(f"{portal.url}{console_of(portal, tenant)}/applications/new")
    page.get_by_role("link", name="Web application").click()
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("Redirect URIs").fill("https://shop.example/callback")
    page.get_by_role("button", name="Add the application").click()
    secret = page.get_by_label("Client secret").input_value()
    page.locator("[data-copies=client-secret]").click()
    expect(page.locator("[data-copies=client-secret]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("link", name="Go on to the quick start").click()
    page.locator("[data-copies=file-2]").click()
    expect(page.locator("[data-copies=file-2]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import os\n")
    assert tenant.issuer in copied
    ada.close()


def test_axe_finds_nothing_and_nothing_is_too_wide(
    browser: Browser, portal: Portal, tenant: Tenant
) -> None:
    client, host = portal.make.client(tenant), f"{new_id('h').replace('_', '')}.example"
    with write(tenant.id) as session:
        client_secrets.rotate(session, CLI, client.id, overlap=3_600)
        settings_store.publish(session, CLI, "codes", {"digits": 5, "lives": 300})
    with write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant.id, host)
    ada = owner(browser, portal, tenant, bypass_csp=True)
    base = f"{portal.url}{console_of(portal, tenant)}"
    paths = [path.format(client=client.id, host=host) for path in PAGES]
    found = faults_of_pages(ada, base, paths)
    ada.close()
    assert not found, "\n".join(found)
