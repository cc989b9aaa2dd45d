"""G1, G2, O02, O03, R07: the same races through the doors, as pages and as JSON."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import read
from app.models import Flow, Identifier, Session, TokenFamily, User
from tests.factories import REDIRECT_URI, Factory, MadeClient
from tests.races.crowd import SOME, Comparisons, at_once
from tests.visitors import VERIFIER, HtmlVisitor, JsonVisitor, Visitor

Visit = Callable[..., Visitor]
BY_CODE = {"sign_in": ["email_code"], "sign_up": []}
GENEROUS = {"codes_per_address": 1000, "codes_per_network": 1000, "codes_per_client": 1000}


def _count(tenant_id: str, model: Any) -> int:
    with read(tenant_id) as session:
        query = select(func.count()).select_from(model).where(model.tenant_id == tenant_id)
        return session.scalar(query) or 0


def _twin(visitor: Visitor) -> Visitor:
    """The same browser or app once more, so that each thread has a client of its own."""
    if isinstance(visitor, JsonVisitor):
        twin = JsonVisitor(visitor.http.application, visitor.client)
        twin.flow_id, twin.token = visitor.flow_id, visitor.token
        return twin
    page = HtmlVisitor(visitor.http.application, visitor.client)
    page.http._cookies = dict(visitor.http._cookies or {})
    page.page, page.url = visitor.page, visitor.url
    return page


def _all_submit(app: Flask, visitor: Visitor, fields: Callable[[int], dict[str, str]]) -> list[int]:
    twins = [_twin(visitor) for _ in range(SOME)]
    return at_once(app, lambda n: twins[n].post(**fields(n)).status_code, SOME)


def _waiting_for_code(
    make: Factory, visit: Visit, **limits: int
) -> tuple[MadeClient, Visitor, str]:
    tenant = make.tenant(methods=BY_CODE, limits={**GENEROUS, **limits})
    user = make.user(tenant)
    client = make.client(tenant)
    visitor = visit(client)
    visitor.submit(email=user.email)
    assert visitor.screen == "email_code"
    return client, visitor, make.code(tenant, user.email)


def test_o01_of_parallel_wrong_codes_exactly_five_are_compared(
    app: Flask, make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, visitor, code = _waiting_for_code(make, visit, wrong_codes_per_account=1000)
    compared = Comparisons(monkeypatch)
    wrong = "000000" if code != "000000" else "000001"
    statuses = _all_submit(app, visitor, lambda _: {"code": wrong})
    assert compared.count == 5
    assert set(statuses) == {422}
    visitor.submit(code=code)
    assert visitor.answer is None
    assert compared.count == 5
    assert _count(client.tenant.id, Session) == 0


def test_o03_challenges_side_by_side_share_ten_guesses(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make.tenant(methods=BY_CODE, limits=GENEROUS)
    user, client = make.user(tenant), make.client(tenant)
    visitors: list[JsonVisitor] = []
    for _ in range(20):
        visitor = JsonVisitor(app, client)
        visitor.open()
        visitor.submit(email=user.email)
        visitors.append(visitor)
    twins = [_twin(visitors[n % 20]) for n in range(100)]
    compared = Comparisons(monkeypatch)
    answers = at_once(app, lambda n: twins[n].post(code="000000").status_code, 100)
    assert compared.count <= 10
    assert Counter(answers)[429] == 90


def test_o02_the_right_code_fifty_times_opens_one_session(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client, visitor, code = _waiting_for_code(make, visit, wrong_codes_per_account=1000)
    statuses = _all_submit(app, visitor, lambda _: {"code": code})
    assert max(statuses) < 500
    if isinstance(visitor, HtmlVisitor):
        assert _count(client.tenant.id, Session) == 1
    assert make.events(client.tenant).count("email_code.succeeded") == 1
    finished = [status for status in statuses if status == 200]
    assert finished


def test_g2_a_headless_ticket_opens_one_session_however_many_browsers_turn_it_in(
    app: Flask, make: Factory
) -> None:
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.take(visitor.post(password=user.password))
    url = visitor.body["go_to"]
    statuses = at_once(app, lambda _: app.test_client().get(url).status_code, SOME)
    assert Counter(statuses) == {303: 1, 400: SOME - 1}
    assert _count(tenant.id, Session) == 1


def _code_form(make: Factory, app: Flask) -> tuple[MadeClient, dict[str, str]]:
    tenant = make.tenant(lifetimes={"refresh_grace": 0})
    user, client = make.user(tenant), make.client(tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=str(user.password))
    assert visitor.answer is not None
    form = {
        "grant_type": "authorization_code",
        "code": visitor.answer["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": client.id,
        "client_secret": str(client.secret),
    }
    return client, form


def _all_ask_for_tokens(app: Flask, client: MadeClient, form: dict[str, str]) -> list[int]:
    url = f"{client.tenant.base_url}/oauth2/token"
    return at_once(app, lambda _: app.test_client().post(url, data=form).status_code, SOME)


def test_r07_one_code_by_fifty_requests_gives_tokens_once(app: Flask, make: Factory) -> None:
    client, form = _code_form(make, app)
    statuses = _all_ask_for_tokens(app, client, form)
    assert Counter(statuses) == {200: 1, 400: SOME - 1}
    assert _count(client.tenant.id, TokenFamily) == 1


def test_f05_one_refresh_token_by_fifty_requests_rotates_once(app: Flask, make: Factory) -> None:
    client, form = _code_form(make, app)
    url = f"{client.tenant.base_url}/oauth2/token"
    tokens = app.test_client().post(url, data=form).get_json()
    again = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": client.id,
        "client_secret": str(client.secret),
    }
    statuses = _all_ask_for_tokens(app, client, again)
    assert Counter(statuses) == {200: 1, 400: SOME - 1}


def test_two_sign_ups_of_one_address_make_one_user(app: Flask, make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    client = make.client(tenant)
    visitors = [visit(client, prompt="create") for _ in range(4)]
    codes = []
    for visitor in visitors:
        visitor.submit(email="twice@example.com", password="a long enough sentence")
        assert visitor.screen == "email_code"
        codes.append(make.code(tenant, "twice@example.com"))
    answers = at_once(app, lambda n: visitors[n].post(code=codes[n]).status_code, 4)
    assert set(answers) <= {200, 303}
    assert _count(tenant.id, User) == 1
    assert _count(tenant.id, Identifier) == 1
    assert make.events(tenant).count("user.signed_up") == 1


def test_a_form_sent_many_times_at_once_makes_one_flow(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open()
    statuses = _all_submit(app, visitor, lambda _: {"email": "jane@example.com"})
    assert set(statuses) <= {303, 422}
    assert _count(tenant.id, Flow) == 1


def test_sixteen_browsers_on_every_page_never_wait_for_each_other_in_a_circle(
    app: Flask, make: Factory
) -> None:
    """Nothing may hold one connection while it waits for another: pools are finite."""
    tenant = make.tenant()
    client = make.client(tenant)
    user = make.user(tenant)
    first = HtmlVisitor(app, client)
    first.open()
    first.submit(email=user.email)
    first.submit(password=str(user.password))
    twins = [_twin(first) for _ in range(SOME)]

    def look(number: int) -> int:
        twin = twins[number]
        assert isinstance(twin, HtmlVisitor)
        return twin.get(f"{tenant.base_url}/account").status_code

    assert set(at_once(app, look, SOME)) == {200}
