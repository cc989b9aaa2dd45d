"""Several people at one browser, and people who must prove themselves once more."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from app import clock
from app.flow import envelope
from app.models import Session
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import claims, rows, tokens
from tests.visitors import HtmlVisitor, JsonVisitor, authorization


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def visitor(app: Flask, client: MadeClient) -> HtmlVisitor:
    return HtmlVisitor(app, client)


def _sign_in(visitor: HtmlVisitor, user: MadeUser, **parameters: str) -> None:
    visitor.open(**parameters)
    if visitor.screen == "choose_account":
        visitor.submit("another_account")
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)


def test_a_live_session_needs_no_screen(app: Flask, make: Factory, visitor: HtmlVisitor) -> None:
    user = make.user(visitor.client.tenant)
    _sign_in(visitor, user)
    first = claims(app, visitor)
    clock.move(60)
    visitor.open()
    second = claims(app, visitor)
    assert (second["sid"], second["auth_time"]) == (first["sid"], first["auth_time"])
    assert len(rows(Session, visitor.client.tenant)) == 1


def test_several_accounts_are_chosen_from(app: Flask, make: Factory, visitor: HtmlVisitor) -> None:
    jane = make.user(visitor.client.tenant, display_name="Jane Doe")
    john = make.user(visitor.client.tenant, display_name="John Roe")
    _sign_in(visitor, jane)
    _sign_in(visitor, john, prompt="login")
    visitor.open()
    assert (visitor.screen, len(visitor.choices)) == ("choose_account", 2)
    visitor.submit(choice="ses_unknown")
    assert (visitor.status, visitor.message) == (422, "error.choice_unknown")
    visitor.choose("Jane Doe")
    assert claims(app, visitor)["sub"] == jane.id
    visitor.open(login_hint=john.email)
    assert claims(app, visitor)["sub"] == john.id


def test_the_chooser_offers_another_account(
    app: Flask, make: Factory, visitor: HtmlVisitor
) -> None:
    jane, john = make.user(visitor.client.tenant), make.user(visitor.client.tenant)
    _sign_in(visitor, jane)
    visitor.open(prompt="select_account")
    assert visitor.screen == "choose_account"
    visitor.submit("another_account")
    assert (visitor.screen, visitor.value("email")) == ("identify", "")
    visitor.submit(email=john.email)
    visitor.submit(password=PASSWORD)
    assert claims(app, visitor)["sub"] == john.id


def test_headless_flows_show_nobodys_sessions(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    visitor = JsonVisitor(app, client)
    _sign_in(visitor.browser, make.user(client.tenant))
    visitor.http = visitor.browser.http
    visitor.open(prompt="select_account")
    assert visitor.screen == "identify"


def test_m08_prompt_login_proves_again(app: Flask, make: Factory, visitor: HtmlVisitor) -> None:
    user = make.user(visitor.client.tenant)
    _sign_in(visitor, user)
    before = claims(app, visitor)
    clock.move(60)
    visitor.open(prompt="login")
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    after = claims(app, visitor)
    assert after["sub"] == before["sub"]
    assert after["sid"] != before["sid"]
    assert after["auth_time"] >= before["auth_time"] + 60


def test_m08_another_user_at_the_prompt_gets_a_session_of_their_own(
    app: Flask, make: Factory, visitor: HtmlVisitor
) -> None:
    jane, john = make.user(visitor.client.tenant), make.user(visitor.client.tenant)
    _sign_in(visitor, jane)
    of_jane = claims(app, visitor)
    _sign_in(visitor, john, prompt="login")
    of_john = claims(app, visitor)
    assert (of_john["sub"], of_jane["sub"]) == (john.id, jane.id)
    assert of_john["sid"] != of_jane["sid"]
    live = [row for row in rows(Session, visitor.client.tenant) if row.ended_at is None]
    assert {row.user_id for row in live} == {jane.id, john.id}


def test_f09_the_cookie_changes_with_every_sign_in(make: Factory, visitor: HtmlVisitor) -> None:
    user = make.user(visitor.client.tenant)
    path = "/" + visitor.base.split("/", 3)[3]
    values = []
    for prompt in ("", "login"):
        _sign_in(visitor, user, prompt=prompt)
        cookie = visitor.http.get_cookie("authpage_session", path=path)
        assert cookie is not None
        values.append(cookie.value)
    assert values[0] != values[1]
    thief = HtmlVisitor(visitor.http.application, visitor.client)
    thief.http.set_cookie("authpage_session", values[0], path=path)
    thief.open()
    assert thief.screen == "identify"


@pytest.mark.parametrize(("age", "is_asked"), [(50, False), (61, True)])
def test_max_age_asks_who_signed_in_too_long_ago(
    app: Flask, make: Factory, visitor: HtmlVisitor, age: int, is_asked: bool
) -> None:
    user = make.user(visitor.client.tenant)
    _sign_in(visitor, user)
    clock.move(age)
    visitor.open(max_age="60")
    assert (visitor.screen == "identify") == is_asked
    if is_asked:
        visitor.submit(email=user.email)
        visitor.submit(password=PASSWORD)
    assert claims(app, visitor)["auth_time"] >= clock.now_seconds() - 60


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
def test_m08_who_is_asked_again_finds_the_address_filled_in(
    app: Flask, make: Factory, visitor: HtmlVisitor, asked: dict[str, str]
) -> None:
    jane, john = make.user(visitor.client.tenant), make.user(visitor.client.tenant)
    _sign_in(visitor, jane)
    clock.move(120)
    visitor.open(**asked)
    assert (visitor.screen, visitor.value("email")) == ("identify", jane.email)
    visitor.submit(email=john.email)
    visitor.submit(password=PASSWORD)
    assert claims(app, visitor)["sub"] == john.id, "Somebody else may take the seat."
    clock.move(120)
    visitor.open(prompt="login")
    assert visitor.value("email") == "", "Of two who are signed in none is guessed."
    visitor.open(prompt="login", login_hint="somebody@example.net")
    assert visitor.value("email") == "somebody@example.net"
    visitor.open(prompt="create")
    assert visitor.value("email") == ""


def test_an_app_with_pages_of_its_own_is_not_told_who_is_signed_in(
    app: Flask, make: Factory, visitor: HtmlVisitor
) -> None:
    jane = make.user(visitor.client.tenant)
    _sign_in(visitor, jane)
    drawing = make.client(visitor.client.tenant, ui_url="https://app.example/sign-in")
    asked = authorization(drawing, prompt="login")
    answer = visitor.get(f"{visitor.base}/oauth2/authorize", query_string=asked)
    assert answer.headers["Location"].startswith("https://app.example/sign-in")
    given = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    with app.app_context():
        flow = envelope.open_(visitor.client.tenant, given["flow"], given["request"])
    assert flow is not None
    assert flow.facts.hint is None


def test_a_stale_account_of_the_chooser_signs_in_again(
    app: Flask, make: Factory, visitor: HtmlVisitor
) -> None:
    user = make.user(visitor.client.tenant, display_name="Jane Doe")
    _sign_in(visitor, user)
    clock.move(120)
    visitor.open(prompt="select_account", max_age="60")
    visitor.choose("Jane Doe")
    assert (visitor.screen, visitor.value("email")) == ("identify", user.email)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert claims(app, visitor)["auth_time"] >= clock.now_seconds() - 60


@pytest.mark.parametrize("way", ["sign_in", "sign_up", "chooser"])
def test_an_id_token_hint_lets_nobody_else_in(
    app: Flask, make: Factory, visitor: HtmlVisitor, way: str
) -> None:
    jane, john = make.user(visitor.client.tenant), make.user(visitor.client.tenant)
    _sign_in(visitor, jane)
    hint = tokens(app, visitor)["id_token"]
    other = HtmlVisitor(app, visitor.client)
    if way == "chooser":
        _sign_in(other, john)
        other.open(id_token_hint=hint, prompt="select_account")
    elif way == "sign_up":
        other.open(id_token_hint=hint, prompt="create")
        other.submit(email="new@example.com")
        other.submit(code=make.code(visitor.client.tenant, "new@example.com"))
    if way != "sign_up" and other.screen == "choose_account":
        other.choose(john.email)
    elif way != "sign_up":
        _sign_in(other, john, id_token_hint=hint)
    assert other.answer is not None
    assert other.answer["error"] == "login_required"
    same = HtmlVisitor(app, visitor.client)
    _sign_in(same, jane, id_token_hint=hint)
    assert claims(app, same)["sub"] == jane.id


def _half_way(visitor: HtmlVisitor, make: Factory) -> None:
    """Somebody whose password is right, and who still has to choose an organization."""
    user = make.user(visitor.client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(visitor.client.tenant, name, user)
    _sign_in(visitor, user)
    assert visitor.screen == "choose_organization"


def test_m06_half_a_sign_in_opens_nothing(make: Factory, visitor: HtmlVisitor) -> None:
    _half_way(visitor, make)
    tenant = visitor.client.tenant
    assert rows(Session, tenant) == []
    account = visitor.get(f"{visitor.base}/account")
    assert account.status_code == 303
    assert "/flow/" in account.headers["Location"]
    visitor.open(prompt="none")
    assert visitor.answer is not None
    assert visitor.answer["error"] == "login_required"
    visitor.open()
    assert visitor.screen == "identify"
    refused = visitor.http.get(f"{visitor.base}/oauth2/userinfo")
    assert refused.status_code == 401


def test_m06_half_a_headless_sign_in_has_no_ticket(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "choose_organization"
    finish = visitor.browser.get(f"{visitor.base}/flow/{visitor.flow_id}/finish?ticket=x.y")
    assert finish.status_code == 404
    pages = visitor.browser.get(f"{visitor.base}/flow/{visitor.flow_id}")
    assert pages.status_code == 404
