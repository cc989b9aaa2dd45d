"""People who go to another provider in the middle of a flow, and come back to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from app.directory.connections import Connection
from app.directory.tenants import Tenant
from tests.doubles import oidc_browser
from tests.doubles.oidc_browser import Returned
from tests.doubles.oidc_party import PRIVATE_KEY, connection_to, dialect_of
from tests.doubles.oidc_provider import SECRET, OidcProvider
from tests.factories import Factory
from tests.visitors import HtmlVisitor, Page, Visitor


@dataclass
class Upstream:
    """A provider and the connection to it."""

    provider: OidcProvider
    connection: Connection
    app: Flask

    @property
    def action(self) -> str:
        """The button that leads there."""
        return f"connect:{self.connection.id}"

    def set_off(self, visitor: Visitor) -> HtmlVisitor:
        """Press the button where the provider cannot be asked; the browser that is back at once."""
        browser, url = off(visitor, visitor.post(self.action))
        browser.follow(browser.get(url))
        return browser

    def leave(self, visitor: Visitor) -> tuple[HtmlVisitor, str]:
        """Press the button; the browser that is on its way, and the provider's URL."""
        browser, url = off(visitor, visitor.post(self.action))
        response = browser.get(url)
        assert response.status_code == 303, response.get_data(as_text=True)
        return browser, response.headers["Location"]

    def pass_through(self, visitor: Visitor, **changed: object) -> HtmlVisitor:
        """Sign in there as the scripted person, with other claims in the ID token where given;
        the browser that is back, wherever it is by then."""
        browser, url = self.leave(visitor)
        self.provider.script.person.update(changed)
        return self.come_back(browser, oidc_browser.visit(url))

    def gone(self, visitor: Visitor, posted: TestResponse) -> HtmlVisitor:
        """The browser that left by this answer, is signed in there, and is back."""
        browser, url = off(visitor, posted)
        return self.come_back(browser, oidc_browser.visit(browser.get(url).headers["Location"]))

    def come_back(self, browser: HtmlVisitor, returned: Returned) -> HtmlVisitor:
        """Bring the provider's answer."""
        if returned.is_posted:
            # Across sites, a form brings no cookies that are SameSite=Lax.
            posted = self.app.test_client().post(returned.target, data=returned.parameters)
            assert "Set-Cookie" not in posted.headers
            browser.follow(posted)
        else:
            browser.follow(browser.get(returned.target, query_string=returned.parameters))
        return browser


def off(visitor: Visitor, response: TestResponse) -> tuple[HtmlVisitor, str]:
    """The browser that leaves by this answer, and where it goes first."""
    assert response.status_code == 200, response.get_data(as_text=True)
    if isinstance(visitor, HtmlVisitor):
        url = Page(response.get_data(as_text=True)).refresh_url
        assert url is not None, visitor.screen
        return visitor, url
    return visitor.browser, response.get_json()["go_to"]


Meet = Callable[..., Upstream]
"""Makes a provider with a connection: `meet(tenant, preset, organization_id, **settings)`."""


@contextmanager
def met(
    app: Flask,
    make: Factory,
    tenant: Tenant,
    preset: str = "google",
    organization_id: str | None = None,
    **changed: object,
) -> Iterator[Upstream]:
    """A provider that runs, and an active connection to it."""
    with OidcProvider(dialect_of(preset)) as provider:
        chosen = app.config["AUTHPAGE"]
        allowed = (*chosen.outbound_allow, provider.address)
        app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": allowed})
        sample = connection_to(provider, preset, organization_id, **changed)
        connection = make.connection(
            tenant,
            sample.settings.model_dump(mode="json"),
            organization_id,
            name=preset.title(),
            secret=PRIVATE_KEY if preset == "apple" else SECRET,
            provider=preset,
        )
        yield Upstream(provider, connection, app)
        app.config["AUTHPAGE"] = chosen
