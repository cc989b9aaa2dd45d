"""Organizations and their connections at the console, in a real browser."""

from dataclasses import dataclass

from playwright.sync_api import Browser, expect

from app.actor import CLI
from app.cli import demo
from app.database import read, write
from app.directory import (
    connections,
    domain_claims,
    invitations,
    organizations,
    setup_access,
    upstream_reports,
)
from app.directory.connection_settings import OidcSettings
from app.directory.tenants import Tenant
from tests.browser.at_console import console_of, faults_of_pages, owner
from tests.browser.portal import Portal

PAGES = (
    "/organizations",
    "/organizations/new",
    "/organizations/{org}",
    "/organizations/{org}/edit",
    "/organizations/{org}/members",
    "/organizations/{org}/members/{user}",
    "/organizations/{org}/invitations",
    "/organizations/{org}/invitations/new",
    "/organizations/{org}/domains",
    "/organizations/{org}/policy",
    "/organizations/{org}/connections",
    "/organizations/{org}/connections/new",
    "/organizations/{org}/connections/{connection}",
    "/organizations/{org}/connections/{connection}/test",
    "/organizations/{org}/connections/{connection}/people",
    "/organizations/{org}/remove",
    "/connections",
    "/connections/new",
    "/domains?q=jane@acme.example",
    "/invitations",
    "/roles",
)


@dataclass(frozen=True)
class Company:
    """An organization with one of everything."""

    org: str
    user: str
    connection: str


def _company(portal: Portal, tenant: Tenant) -> Company:
    user = portal.make.user(tenant)
    org = portal.make.organization(tenant, "Acme", user, roles=("owner",))
    settings = OidcSettings(issuer="https://idp.example", client_id="x", email_is_proof="domain")
    with write(tenant.id) as session:
        made = connections.create(
            session,
            CLI,
            provider="okta",
            name="Okta",
            settings=settings,
            organization_id=org,
            status="active",
        )
        claim = domain_claims.claim(session, CLI, org, "acme.example")
        domain_claims.take_for_example(session, CLI, claim.id)
        domain_claims.claim(session, CLI, org, "acme-traders.example")
        invitations.invite(session, CLI, tenant, org, "eve@acme.example")
        setup_access.create_link(session, CLI, tenant, org)
        upstream_reports.add(session, made, "client_refused", {"error": "invalid_client"})
    return Company(org, user.id, made)


def test_axe_finds_nothing(browser: Browser, portal: Portal) -> None:
    tenant = portal.make.tenant()
    company = _company(portal, tenant)
    ada = owner(browser, portal, tenant, bypass_csp=True)
    base = f"{portal.url}{console_of(portal, tenant)}"
    found = faults_of_pages(ada, base, [path.format(**vars(company)) for path in PAGES])
    ada.close()
    assert not found, "\n".join(found)


def test_a_test_sign_in_goes_to_the_provider_in_a_window_of_its_own(
    browser: Browser, portal: Portal
) -> None:
    """No policy of ours stands in the way to the provider, and its answer is told where it was
    asked for."""
    tenant = portal.tenant
    with read(tenant.id) as session:
        company = organizations.by_slug_or_id(session, "tailspin-toys")
    assert company is not None
    ada = owner(browser, portal, tenant)
    page = ada.page
    page.goto(f"{portal.url}{console_of(portal, tenant)}/organizations/{company.id}/connections")
    page.locator("main td a").first.click()
    page.get_by_role("link", name="Test and faults").click()
    with ada.context.expect_page() as opened:
        page.get_by_role("button", name="Test sign-in").click()
    window = opened.value
    window.get_by_label("Email address").fill("kim@tailspin.example")
    window.get_by_role("button", name="Continue", exact=True).click()
    window.get_by_label("Password", exact=True).fill(demo.PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    expect(window.get_by_role("heading", level=1)).to_have_text("The test is over")
    page.get_by_role("link", name="Show the result").click()
    expect(page.locator("[data-diagnosis]").first).to_have_attribute("data-diagnosis", "ok")
    expect(page.locator(".finding").first).to_contain_text("kim@tailspin.example")
    ada.close()
