"""The setup portal from its link to the first sign-in of somebody at the company, with providers
that run as programs of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.actor import CLI
from app.database import write
from app.directory import setup_access
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal, running
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.doubles.saml_provider import SamlProvider


@dataclass(frozen=True)
class Stage:
    """The product beside two providers and a DNS, all on loopback."""

    portal: Portal
    oidc: OidcProvider
    saml: SamlProvider
    dns: DnsServer

    def link(self, company: str) -> str:
        """The path of a fresh setup link for a new organization."""
        tenant = self.portal.tenant
        organization_id = self.portal.make.organization(tenant, company)
        with write(tenant.id) as session:
            token = setup_access.create_link(session, CLI, tenant, organization_id)[1]
        return f"/setup?token={token}"


@pytest.fixture(scope="module")
def running_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp
    with OidcProvider("oidc") as oidc, SamlProvider(folder("provider")) as saml, DnsServer() as dns:
        more = {
            "OUTBOUND_ALLOW": f"{oidc.address},{saml.host}",
            "DNS_RESOLVER": dns.address,
        }
        with running("", folder("portal"), **more) as portal:
            yield Stage(portal, oidc, saml, dns)


@pytest.fixture
def stage(running_stage: Stage) -> Iterator[Stage]:
    with running_stage.portal.database():
        yield running_stage


def _begin(admin: Person, stage: Stage, company: str, provider: str) -> None:
    """Open the link, and choose a provider."""
    admin.open(stage.link(company))
    admin.see("Set up single sign-on")
    admin.press("Begin")
    admin.see("Single sign-on")
    admin.press("Connect your provider")
    admin.see("Choose your provider")
    admin.page.locator(f"main button[value={provider}]").click()


def _prove(admin: Person, stage: Stage, domain: str) -> None:
    """Claim the domain, look for its record too early, publish it, have it found."""
    admin.see("Your mail domains")
    admin.fill(domain=domain)
    admin.press("Add a domain")
    admin.see("Your mail domains")
    admin.press("Check now")
    expect(admin.page.locator("#message")).to_contain_text("no such TXT record")
    name, value = (admin.value(f"{what} of the TXT record") for what in ("Name", "Value"))
    stage.dns.texts[name] = [value]
    admin.press("Check now")
    expect(admin.page.locator("#told")).to_have_text("The domain is proven.")
    admin.press("Next: test and activate")
    admin.see("Test the sign-in")


def _activate(admin: Person, email: str) -> None:
    """See what the test understood, and let everybody in the domain use it."""
    admin.see("Test the sign-in")
    expect(admin.page.locator("main")).to_contain_text("It works")
    expect(admin.page.locator(".facts").first).to_contain_text(email)
    assert "authpage_session_root" not in admin.cookies()
    admin.press("Activate")
    admin.see("Single sign-on")
    expect(admin.page.locator("#told")).to_have_text("People can sign in by it now.")
    admin.press("Next: choose who must use it")
    admin.see("Who must use single sign-on")
    admin.page.get_by_label("Everybody with an address in a proven domain").check()
    admin.press("Save")
    admin.see("Single sign-on")
    admin.press("Leave")
    admin.see("You have left the setup")


def test_from_the_link_to_the_first_sign_in_by_saml(stage: Stage, somebody: OpenBrowser) -> None:
    grants = ["clipboard-read", "clipboard-write"]
    admin = somebody(stage.portal, permissions=grants)
    _begin(admin, stage, "Initech", "generic_saml")
    admin.see("Connect your provider")
    expect(admin.page.get_by_role("img", name="ACS URL: paste our")).to_be_visible()
    entity_id = admin.value("Entity ID (audience)")
    admin.page.get_by_role("button", name="Copy").nth(1).click()
    expect(admin.page.get_by_role("button", name="Copied")).to_be_visible()
    assert admin.page.evaluate("navigator.clipboard.readText()") == entity_id
    with admin.page.expect_download() as downloading:
        admin.press("Download our metadata")
    stage.saml.trust(Path(downloading.value.path()).read_bytes())

    admin.fill(metadata_url=f"http://{stage.saml.host}/nothing")
    admin.press("Save and go on")
    expect(admin.page.locator("#metadata_url-error")).to_contain_text("Nothing usable")
    admin.fill(metadata_url=stage.saml.metadata_url)
    admin.press("Save and go on")
    _prove(admin, stage, "example.com")
    admin.press("Test now")
    _activate(admin, "ada@example.com")

    ada = somebody(stage.portal)
    ada.open_app()
    ada.identify("ada@example.com")
    ada.see("Sign in to Initech")
    ada.press("Continue")
    ada.is_in_app("ada@example.com", "Initech")


def test_from_the_link_to_the_first_sign_in_by_openid_connect_without_scripts(
    stage: Stage, somebody: OpenBrowser
) -> None:
    admin = somebody(stage.portal, java_script_enabled=False)
    _begin(admin, stage, "Hooli", "generic")
    admin.see("Connect your provider")
    assert not admin.page.get_by_role("button", name="Copy").is_visible()
    assert admin.value("Redirect URI").endswith("/callback")
    admin.fill(issuer=stage.oidc.issuer, client_id="", client_secret=SECRET)
    admin.press("Save and go on")
    expect(admin.page.locator("#client_id-error")).to_have_text("This is needed.")
    assert admin.page.locator("#issuer").input_value() == stage.oidc.issuer
    admin.fill(client_id=CLIENT_ID, client_secret=SECRET)
    admin.press("Save and go on")
    _prove(admin, stage, "acme.example")
    admin.press("Test now")
    _activate(admin, "jane@acme.example")

    jane = somebody(stage.portal, java_script_enabled=False)
    jane.open_app()
    jane.identify("jane@acme.example")
    jane.see("Sign in to Hooli")
    jane.press("Continue")
    jane.is_in_app("Jane Doe", "Hooli")
