"""Where the look of an organization or an application is seen, and what that costs."""

import re

import pytest
from flask import Flask

from app import changes, clock
from app.actor import CLI
from app.database import read, write
from app.delivery import mail_message, outbox
from app.directory import invitations, settings_store, tenants
from app.directory.tenants import Tenant
from app.models import OutboxMessage
from tests.factories import Factory, MadeClient
from tests.performance.statements import asked
from tests.visitors import HtmlVisitor, JsonVisitor

OF_CLIENT, OF_COMPANY = "#be123c", "#0e7490"


def dress(tenant: Tenant, subject: str, **members: object) -> None:
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "brand", members, subject=subject)


def accents(app: Flask, page: HtmlVisitor) -> str:
    """The accent in the stylesheet of the page that somebody looks at."""
    sheet = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)[0].replace("&amp;", "&")
    css = app.test_client().get(sheet, base_url="http://localhost:8000").text
    return str(re.findall(r"--accent:(#[0-9a-f]{6})", css)[0])


def last_mail(tenant: Tenant) -> str:
    """The HTML of the newest mail of the tenant."""
    found = tenants.by_id(tenant.id)
    assert found is not None
    with read(tenant.id) as session:
        query = session.query(OutboxMessage).filter(OutboxMessage.tenant_id == tenant.id)
        row = query.order_by(OutboxMessage.id.desc()).first()
    assert row is not None
    assert row.sealed_payload is not None
    payload = outbox.unseal(tenant.id, row.id, row.sealed_payload)
    built = mail_message.build(
        found, row.purpose, payload, message_id=row.id, queued_at=clock.now()
    )
    html = built.get_body(("html",))
    assert html is not None
    return str(html.get_content())


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(methods={"sign_in": ["email_code"]}))


def test_an_applications_look_goes_along_with_its_flow(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    dress(client.tenant, client.id, name="Dashboard", accent=OF_CLIENT)
    user = make.user(client.tenant)
    page = HtmlVisitor(app, client)
    page.open()
    assert (accents(app, page), "Sign in to Dashboard" in page.text) == (OF_CLIENT, True)
    page.submit(email=user.email)
    assert accents(app, page) == OF_CLIENT
    html = last_mail(client.tenant)
    assert OF_CLIENT in html
    assert "Dashboard" in html
    headless = JsonVisitor(app, client)
    headless.open()
    assert headless.shown["title"]["text"] == "Sign in to Dashboard"


def test_before_the_first_proof_nothing_depends_on_who_somebody_is(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    member, stranger = make.user(client.tenant).email, "nobody@example.com"
    user = make.user(client.tenant)
    company = make.organization(client.tenant, "Northwind", user)
    dress(client.tenant, company, accent=OF_COMPANY)
    seen = []
    for email in (user.email, member, stranger):
        page = HtmlVisitor(app, client)
        page.open()
        page.submit(email=email)
        seen.append(accents(app, page))
    assert seen == [str(tenants_accent(client.tenant))] * 3
    page = HtmlVisitor(app, client)
    page.open(organization=company)
    assert accents(app, page) == OF_COMPANY


def tenants_accent(tenant: Tenant) -> str:
    return tenant.settings.brand.accent


def test_an_invitation_has_the_look_of_who_invites(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    tenant = client.tenant
    company = make.organization(tenant, "Northwind")
    dress(tenant, company, accent=OF_COMPANY, name="Northwind Labs")
    with write(tenant.id) as session:
        invitations.invite(session, CLI, tenant, company, "new@example.com")
    html = last_mail(tenant)
    assert OF_COMPANY in html
    link = re.findall(r'href="([^"]*/invitations/[^"]+)"', html)[0].replace("&amp;", "&")
    page = HtmlVisitor(app, client)
    answer = page.http.get(link, follow_redirects=True)
    page.text = answer.text
    assert accents(app, page) == OF_COMPANY


def test_looks_cost_no_statement(
    app: Flask, client: MadeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        HtmlVisitor(app, client).open()  # It fills the caches.
        page = HtmlVisitor(app, client)
        with asked(app) as found:
            page.open()
        return found.count

    before = count()
    dress(client.tenant, client.id, accent=OF_CLIENT)
    changes.current()
    monkeypatch.setattr(changes, "_LOOK_AFTER", 10**9)
    assert count() <= before
