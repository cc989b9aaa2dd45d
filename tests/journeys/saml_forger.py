"""A company whose provider's answers are written by hand, so that they can be wrong in one way."""

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from lxml import etree

from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import saml_keys
from tests.doubles import saml_forge
from tests.doubles.saml_forge import Letter
from tests.doubles.saml_keys import KeyFiles, make_keys
from tests.doubles.saml_stage import ENTITY
from tests.factories import Factory, MadeClient
from tests.visitors import HtmlVisitor, Page

ADA = "ada@example.com"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


@dataclass(frozen=True)
class Keys:
    """The provider's key, and one that nobody knows."""

    provider: KeyFiles
    stranger: KeyFiles
    old: KeyFiles
    """Its certificate is over."""


@dataclass
class Asked:
    """A browser that was sent to the provider, and the honest answer to what it brought there."""

    browser: HtmlVisitor
    letter: Letter
    relay_state: str


@dataclass
class Forger:
    """A tenant with a connection to a provider that says what a test wants."""

    app: Flask
    tenant: Tenant
    client: MadeClient
    connection: Connection
    keys: Keys

    @property
    def url(self) -> str:
        return f"{self.tenant.base_url}/connections/{self.connection.id}"

    @property
    def encryption_certificate(self) -> str:
        """The tenant's, which its metadata shows."""
        return saml_keys.of_tenant(self.tenant.id).certificate

    def ask(self, **parameters: str) -> Asked:
        """A new browser at the provider, sent there by a sign-in of its own."""
        browser = HtmlVisitor(self.app, self.client)
        browser.open(**parameters)
        browser.submit(email=ADA)
        response = browser.post(f"connect:{self.connection.id}")
        url = Page(response.get_data(as_text=True)).refresh_url
        assert url is not None, browser.screen
        sent = dict(parse_qsl(urlsplit(browser.get(url).headers["Location"]).query))
        return Asked(browser, self._letter(sent["SAMLRequest"]), sent["RelayState"])

    def bring(self, asked: Asked, document: str | bytes, browser: HtmlVisitor | None = None) -> Any:
        """Post the answer by the browser that asked, or by another; returns that browser."""
        browser = browser or asked.browser
        form = {**saml_forge.form(document), "RelayState": asked.relay_state}
        browser.follow(browser.http.post(f"{self.url}/acs", data=form))
        return browser

    def _letter(self, message: str) -> Letter:
        request = etree.fromstring(zlib.decompress(base64.b64decode(message), -15))
        acs_url = request.get("AssertionConsumerServiceURL")
        return Letter(
            issuer=ENTITY,
            audience=request.findtext(f"{SAML}Issuer"),
            recipient=acs_url,
            destination=acs_url,
            in_response_to=request.get("ID"),
        )


def make_forger_keys(folder: Path) -> Keys:
    """Fresh keys."""
    old = make_keys(folder, "old", days=-1)
    return Keys(make_keys(folder, "provider"), make_keys(folder, "stranger"), old)


def forger_of(
    app: Flask, make: Factory, keys: Keys, provider: str = "generic_saml", **changed: Any
) -> Forger:
    """A new tenant whose connection knows the provider's keys, the old one too."""
    tenant = make.tenant()
    organization_id = make.organization(tenant, "Corp")
    make.domain(tenant, organization_id, "example.com")
    settings = {
        "protocol": "saml",
        "issuer": ENTITY,
        "sso_url": "https://idp.example/sso",
        "slo_url": "https://idp.example/slo",
        "certificates": [keys.provider.pem, keys.old.pem],
        "email_is_proof": "domain",
        **changed,
    }
    connection = make.connection(tenant, settings, organization_id, secret=None, provider=provider)
    return Forger(app, tenant, make.client(tenant), connection, keys)
