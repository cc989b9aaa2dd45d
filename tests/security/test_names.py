"""B06, F16: names that would be more than names, in pages, mails and lists."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.actor import CLI
from app.database import read, write
from app.directory import clients, organizations, people
from app.directory.errors import BadValue
from app.models import Browser
from tests.factories import PASSWORD, REDIRECT_URI, Factory
from tests.security.doors import at_identify
from tests.visitors import HtmlVisitor

BROKEN = [
    "a\r\nBcc: evil@example.com",
    "a\nb",
    "a\x1b[31m",
    "a\u202eb",
    "a\x85b",
    "a\u2028b",
    "\x7f",
]
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("name", BROKEN, ids=ascii)
@pytest.mark.parametrize("field", ["display_name", "organization_name"])
def test_b06_a_name_at_sign_up_is_one_clean_line(
    app: Flask, make: Factory, field: str, name: str
) -> None:
    tenant = make.tenant(organizations={"creation_open": True})
    page = at_identify(app, make.client(tenant))
    page.submit("sign_up")
    page.submit(email="new@example.com", **{field: name})
    assert page.status == 422
    assert page.errors == {field: "error.name_invalid"}
    assert make.mails(tenant) == []


@pytest.mark.parametrize("hint", BROKEN, ids=ascii)
def test_a_hint_is_filled_in_without_what_cannot_be_seen(
    app: Flask, make: Factory, hint: str
) -> None:
    page = HtmlVisitor(app, make.client(make.tenant()))
    page.open(login_hint=hint)
    assert page.value("email").isprintable()


@pytest.mark.parametrize("name", BROKEN, ids=ascii)
def test_b06_no_writer_keeps_a_broken_name(make: Factory, name: str) -> None:
    tenant = make.tenant()
    for create in (
        lambda s: organizations.create(s, CLI, name=name),
        lambda s: clients.create(s, CLI, name=name, redirect_uris=[REDIRECT_URI]),
        lambda s: people.create(s, CLI, display_name=name),
    ):
        try:
            with write(tenant.id) as session:
                create(session)
        except BadValue:
            continue
        stored = str(_names(tenant.id))
        assert not any(bad in stored for bad in ("\\r", "\\n", "\\x", "\\u202e", "\\u2028"))


def _names(tenant_id: str) -> list[object]:
    with read(tenant_id) as session:
        return [
            [each.name for each in organizations.list_page(session).items],
            [each.name for each in clients.list_page(session).items],
            [each.display_name for each in people.list_page(session).items],
        ]


@pytest.mark.parametrize("name", ["http://evil.example", "Click www.evil.example"])
def test_b06_a_name_is_no_invitation_to_click(app: Flask, make: Factory, name: str) -> None:
    page = at_identify(app, make.client(make.tenant()))
    page.submit("sign_up")
    page.submit(email="new@example.com", display_name=name)
    assert page.errors == {"display_name": "error.name_invalid"}


def test_b06_markup_in_names_stays_text(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant, display_name=MARKUP)
    make.organization(tenant, f"{MARKUP} One", user)
    make.organization(tenant, f"{MARKUP} Two", user)
    client = make.client(tenant, is_first_party=False, name=MARKUP)
    page = HtmlVisitor(app, client)
    seen = []
    page.open()
    seen.append(page.text)
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.screen == "choose_organization"
    seen.append(page.text)
    page.choose("One")
    assert page.screen == "consent"
    seen.append(page.text)
    left = page.post("allow")
    page.follow(left)
    page.follow(page.get(f"{page.base}/account"))
    seen += [left.text, page.text]
    for text in seen:
        assert "<img src=x" not in text
    assert sum("&lt;img" in text for text in seen) >= 4


def test_f16_a_hostile_user_agent_is_a_short_plain_text(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    page = HtmlVisitor(app, make.client(tenant))
    page.open()
    page.submit(email=user.email)
    agent = f"<b>\u202e{MARKUP}" + "x" * 60_000
    page.follow(
        page.http.post(
            page.form_url,
            data={"csrf_token": page.page.csrf_token, "password": PASSWORD},
            headers={"User-Agent": agent.encode().decode("latin-1")},
        )
    )
    assert page.answer is not None
    with read(tenant.id) as session:
        (browser,) = session.scalars(select(Browser).where(Browser.tenant_id == tenant.id))
    for text in (browser.software or "", browser.system or ""):
        assert len(text) <= 100
        assert "\u202e" not in text
    page.follow(page.get(f"{page.base}/account"))
    assert "<b>" not in page.text
    assert page.status == 200
