"""A company whose people sign in by a SAML provider that runs as a program of its own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask

from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import saml_sp
from tests.doubles import form_browser
from tests.doubles.form_browser import Form
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.saml_script import Script
from tests.factories import Factory, MadeClient
from tests.visitors import HtmlVisitor, Page

ADA = "ada@example.com"


@dataclass
class Company:
    """A tenant where Corp signs its people in."""

    app: Flask
    make: Factory
    tenant: Tenant
    client: MadeClient
    connection: Connection
    provider: SamlProvider

    @property
    def url(self) -> str:
        return f"{self.tenant.base_url}/connections/{self.connection.id}"

    def browser(self) -> HtmlVisitor:
        return HtmlVisitor(self.app, self.client)

    def sign_in(self) -> HtmlVisitor:
        """Ada at her account, by way of Corp."""
        browser = self.browser()
        self.pass_through(browser, self._sent_away(browser))
        assert browser.url == f"{self.tenant.base_url}/account", (browser.screen, browser.message)
        return browser

    def relay_state(self) -> str:
        """What a browser carries that is at the provider now."""
        sent = parse_qsl(urlsplit(self._sent_away(self.browser())).query)
        return dict(sent)["RelayState"]

    def pass_through(self, browser: HtmlVisitor, location: str) -> None:
        """Sign in there, and bring the answer."""
        answer = self.answer_at(location)
        browser.follow(browser.http.post(answer.action, data=answer.fields))

    def answer_at(self, location: str, form: dict[str, str] | None = None) -> Form:
        """Sign in at the provider; the form that it has the browser post."""
        login = form_browser.form_of(location, form)
        return form_browser.form_of(login.action, login.fields)

    def _sent_away(self, browser: HtmlVisitor) -> str:
        """Where Ada is sent on the way to her account."""
        browser.follow(browser.get(f"{self.tenant.base_url}/account"))
        browser.submit(email=ADA)
        response = browser.post(f"connect:{self.connection.id}")
        url = Page(response.get_data(as_text=True)).refresh_url
        assert url is not None
        return str(browser.get(url).headers["Location"])


def company_of(app: Flask, make: Factory, provider: SamlProvider, **changed: Any) -> Company:
    """A tenant with a connection to the provider, and the provider told of us."""
    tenant = make.tenant()
    organization_id = make.organization(tenant, "Corp")
    make.domain(tenant, organization_id, "example.com")
    found = saml_sp.parse_metadata(provider.metadata())
    settings = {
        "protocol": "saml",
        "issuer": found.entity_id,
        "sso_url": found.sso_url,
        "slo_url": found.slo_url,
        "certificates": found.certificates,
        "email_is_proof": "domain",
        "logs_out_upstream": True,
        **changed,
    }
    connection = make.connection(
        tenant, settings, organization_id, secret=None, provider="generic_saml"
    )
    company = Company(app, make, tenant, make.client(tenant), connection, provider)
    metadata = app.test_client().get(f"{company.url}/metadata")
    assert metadata.content_type == "application/samlmetadata+xml"
    provider.trust(metadata.data)
    provider.act_out(Script(ends=()))
    return company
