"""One flow, one URL: tabs, back, double clicks, reloads, time that runs out."""

import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from app import clock
from app.models import Flow, Session
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, awaiting_code, rows
from tests.visitors import HtmlVisitor, JsonVisitor, Page, Visit


def _html(app: Flask, make: Factory) -> HtmlVisitor:
    visitor = HtmlVisitor(app, make.client(make.tenant()))
    visitor.open()
    return visitor


def _beside(visitor: HtmlVisitor) -> HtmlVisitor:
    """Another tab of the same browser."""
    tab = HtmlVisitor(visitor.http.application, visitor.client)
    tab.http = visitor.http
    return tab


def test_a_start_writes_nothing(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    assert rows(Flow, visitor.client.tenant) == []
    visitor.submit(email="not an address")
    assert visitor.errors == {"email": "error.email_invalid"}
    assert rows(Flow, visitor.client.tenant) == []
    visitor.submit(email="jane@example.com")
    assert len(rows(Flow, visitor.client.tenant)) == 1


def test_two_tabs_are_two_flows(app: Flask, make: Factory) -> None:
    one = _html(app, make)
    user = make.user(one.client.tenant)
    other = _beside(one)
    other.open(state="other-state")
    for tab in (one, other):
        tab.submit(email=user.email)
    for tab in (one, other):
        tab.submit(password=PASSWORD)
    assert (one.answer or {})["state"] == "a-state"
    assert (other.answer or {})["state"] == "other-state"


def test_a_double_click_on_the_first_form_meets_one_flow(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods=CODES_ONLY))
    user = make.user(client.tenant, password=None)
    visitor = visit(client)
    screen = visitor.screen or ""
    first = visitor.post(email=user.email, screen=screen)
    second = visitor.post(email=user.email, screen=screen)
    assert first.status_code == second.status_code
    assert first.status_code in (200, 303)
    assert len(rows(Flow, client.tenant)) == 1
    assert len(make.mails(client.tenant)) == 1


@pytest.mark.parametrize("typed", ["+1 (415) 555-0123", "jane"])
def test_a_double_click_sends_one_text_message(make: Factory, visit: Visit, typed: str) -> None:
    names = {"email": "optional", "phone": "optional", "username": "optional"}
    methods = {"sign_in": ["sms_code"], "sign_up": []}
    client = make.client(make.tenant(methods=methods, identifiers=names))
    user = make.user(client.tenant, password=None)
    make.phone(client.tenant, user, "+14155550123")
    make.username(client.tenant, user, "jane")
    visitor = visit(client)
    screen = visitor.screen or ""
    for _ in range(2):
        assert visitor.post(identifier=typed, screen=screen).status_code in (200, 303)
    assert len(make.mails(client.tenant)) == 1


def test_the_back_button_changes_the_address(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods=CODES_ONLY))
    user = make.user(client.tenant, password=None)
    visitor = awaiting_code(visit, client, "mistyped@example.com")
    visitor.submit(screen="identify", email=user.email)
    assert visitor.screen == "email_code"
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.answer is not None


def test_the_back_button_changes_a_sign_up(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email="new@example.com", display_name="Jnae")
    visitor.submit(screen="sign_up", email="new@example.com", display_name="Jane")
    assert visitor.screen == "email_code"
    assert len(make.mails(client.tenant)) == 1
    visitor.submit(code=make.code(client.tenant, "new@example.com"))
    assert visitor.answer is not None


def test_a_late_answer_changes_nothing_once_somebody_is_proven(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user, other = make.user(client.tenant), make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    for late in ({"email": other.email}, {"password": PASSWORD}):
        visitor.submit(screen="identify" if "email" in late else "password", **late)
        assert visitor.screen == "choose_organization"
        assert visitor.status == 200


def test_a_replayed_post_of_a_spent_code_opens_no_second_session(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = awaiting_code(visit, client, user.email)
    code = make.code(client.tenant, user.email)
    first, second = visitor.post(code=code), visitor.post(code=code)
    assert first.status_code == 200
    assert second.status_code in (303, 409)
    if isinstance(visitor, HtmlVisitor):
        assert len(rows(Session, client.tenant)) == 1
    assert make.events(client.tenant).count("email_code.succeeded") == 1


def test_a_finished_flow_leads_back_to_the_app(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    user = make.user(visitor.client.tenant)
    visitor.submit(email=user.email)
    flow_url = visitor.url
    visitor.submit(password=PASSWORD)
    first = visitor.answer or {}
    visitor.follow(visitor.get(flow_url))
    second = visitor.answer or {}
    assert second["state"] == first["state"]
    assert second["code"] != first["code"]


def test_an_expired_flow_starts_again_with_the_address(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    user = make.user(visitor.client.tenant)
    visitor.submit(email=user.email)
    clock.move(1_801)
    visitor.submit(password=PASSWORD)
    assert (visitor.screen, visitor.value("email")) == ("identify", user.email)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_an_expired_envelope_starts_again(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    user = make.user(visitor.client.tenant)
    clock.move(1_801)
    visitor.submit(email=user.email)
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_an_expired_headless_flow_says_so(app: Flask, make: Factory) -> None:
    visitor = JsonVisitor(app, make.client(make.tenant()))
    visitor.open()
    clock.move(1_801)
    visitor.submit(email="jane@example.com")
    assert (visitor.status, visitor.body["code"]) == (410, "flow_expired")


def test_r17_another_browser_never_goes_on_with_a_running_flow(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    user = make.user(visitor.client.tenant)
    visitor.submit(email=user.email)
    stranger = HtmlVisitor(app, visitor.client)
    stranger.follow(stranger.get(visitor.url))
    assert (stranger.status, stranger.screen) == (403, None)
    assert user.email not in stranger.text
    way_on = [
        each.get("href") for each in stranger.page.all("a") if "authorize" in each.get("href")
    ]
    stranger.follow(stranger.get(way_on[0]))
    assert (stranger.screen, stranger.value("email")) == ("identify", "")
    stranger.submit(email=user.email)
    stranger.submit(password=PASSWORD)
    assert stranger.answer is not None


def test_r17_another_browser_starts_over_from_an_envelope(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    user = make.user(visitor.client.tenant)
    stranger = HtmlVisitor(app, visitor.client)
    stranger.follow(stranger.get(visitor.url))
    assert stranger.screen == "identify"
    assert urlsplit(stranger.url).path != urlsplit(visitor.url).path
    for each in (visitor, stranger):
        each.submit(email=user.email)
        each.submit(password=PASSWORD)
        assert each.answer is not None


def test_a_lost_cookie_leads_to_a_page_with_a_way_on(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    visitor.submit(email="jane@example.com")
    visitor.http = app.test_client()
    visitor.submit(password=PASSWORD)
    assert visitor.status == 400
    way_on = [each.get("href") for each in visitor.page.all("a") if "/flow/" in each.get("href")]
    visitor.follow(visitor.get(f"http://localhost:8000{way_on[0]}"))
    assert visitor.status == 403
    again = [each.get("href") for each in visitor.page.all("a") if "authorize" in each.get("href")]
    visitor.follow(visitor.get(again[0]))
    assert visitor.screen == "identify"


def test_an_envelope_opens_only_its_own_flow(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    other = _beside(visitor)
    other.open()
    query = dict(parse_qsl(urlsplit(other.url).query))
    path = urlsplit(visitor.url).path
    mixed = visitor.get(f"http://localhost:8000{path}", query_string=query)
    assert mixed.status_code == 404
    forged = query["request"][:-2] + ("AA" if not query["request"].endswith("AA") else "BB")
    refused = other.get(f"http://localhost:8000{urlsplit(other.url).path}?request={forged}")
    assert refused.status_code == 404


def test_an_envelope_too_long_for_a_url_becomes_a_row(app: Flask, make: Factory) -> None:
    visitor = HtmlVisitor(app, make.client(make.tenant()))
    state = secrets.token_urlsafe(3_200)  # Nothing that could be packed smaller.
    visitor.open(state=state)
    assert "request" not in urlsplit(visitor.url).query
    assert len(rows(Flow, visitor.client.tenant)) == 1
    user = make.user(visitor.client.tenant)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert (visitor.answer or {})["state"] == state


def test_a_form_without_its_token_is_refused(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    visitor.page = Page("")
    visitor.submit(email="jane@example.com")
    assert visitor.status == 400
    assert rows(Flow, visitor.client.tenant) == []


def test_c01_a_form_of_another_site_is_refused(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    data = {"csrf_token": visitor.page.csrf_token, "email": "jane@example.com"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.http.post(visitor.form_url, data=data, headers=headers).status_code == 403
    assert rows(Flow, visitor.client.tenant) == []


def test_l10_one_address_only(app: Flask, make: Factory) -> None:
    visitor = _html(app, make)
    token = visitor.page.csrf_token
    twice = {"csrf_token": token, "email": ["a@example.com", "b@example.com"]}
    assert visitor.http.post(visitor.form_url, data=twice).status_code == 400
    visitor.submit(email="a@example.com,b@example.com")
    assert visitor.errors == {"email": "error.email_invalid"}
