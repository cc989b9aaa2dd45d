"""What journeys do with the links in mails."""

from urllib.parse import parse_qs, urlsplit

from flask import Flask

from app.delivery.outbox import Payload
from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.visitors import HtmlVisitor, JsonVisitor, Visitor

LINKS_ONLY = {"sign_in": ["magic_link"], "sign_up": ["magic_link"]}


def mail_to(make: Factory, tenant: Tenant, email: str) -> Payload:
    """The newest mail to that address."""
    return [mail for _, mail in make.mails(tenant) if mail.to == email][-1]


def link_to(make: Factory, tenant: Tenant, email: str) -> str:
    """The link in the newest mail to that address."""
    return mail_to(make, tenant, email).values["link"]


def token_of(link: str) -> str:
    """The token in a link."""
    return parse_qs(urlsplit(link).query)["token"][0]


def number_shown(visitor: Visitor) -> str:
    """The two digits that stand on the screen."""
    if isinstance(visitor, JsonVisitor):
        return str(visitor.shown["display"]["number"])
    (shown,) = list(visitor.page.all("strong"))
    return "".join(shown.itertext())


def take(visitor: Visitor, link: str) -> None:
    """Use the link where the flow began: as a person opens it and presses the button, or as an app
    sends its token."""
    if isinstance(visitor, JsonVisitor):
        visitor.submit("link", token=token_of(link))
        return
    visitor.follow(visitor.get(link))
    assert visitor.screen == "open_link", visitor.text
    visitor.submit()


def elsewhere(app: Flask, visitor: Visitor, link: str) -> HtmlVisitor:
    """A browser that never saw the flow, with the link opened."""
    other = HtmlVisitor(app, visitor.client)
    other.follow(other.get(link))
    return other


def look_again(visitor: Visitor) -> None:
    """Reload the screen, or ask for it again."""
    if isinstance(visitor, HtmlVisitor):
        visitor.follow(visitor.get(visitor.url))
        return
    headers = {"Authorization": f"Bearer {visitor.token}"}
    url = f"{visitor.base}/headless/v1/flows/{visitor.flow_id}"
    visitor.take(visitor.http.get(url, headers=headers))


def is_signed_in(visitor: HtmlVisitor) -> bool:
    """Whether the browser has a session."""
    return "authpage_session" in str(visitor.http._cookies)
