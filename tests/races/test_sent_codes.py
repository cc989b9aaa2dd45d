"""O01, O02, L04: of two hundred who come with the same code, link or confirmation, one gets in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask import Flask

from app import single_use
from app.actor import Actor
from app.database import write
from app.identifiers import parse_identifier
from app.methods import METHODS, magic_link
from app.methods.base import Begun, Refused, Situation, Spent
from tests.factories import Factory, MadeClient
from tests.journeys.links import elsewhere, link_to, look_again, number_shown, token_of
from tests.races.crowd import MANY, SOME, at_once
from tests.visitors import HtmlVisitor, JsonVisitor, Visit

EMAIL, NUMBER = "jane@example.com", "+14155550123"
GENEROUS = {
    "codes_per_address": 1_000,
    "codes_per_network": 1_000,
    "codes_per_client": 1_000,
    "wrong_codes_per_account": 1_000,
}
LINKS_ONLY = {"sign_in": ["magic_link"], "sign_up": []}


def _waiting(make: Factory, method: str) -> Situation:
    """The moment after a message went out."""
    tenant = make.tenant(limits=GENEROUS, identifiers={"phone": "optional"})
    user = make.user(tenant, EMAIL, password=None)
    make.phone(tenant, user, NUMBER)
    typed = NUMBER if method == "sms_code" else EMAIL
    situation = Situation(
        tenant=tenant,
        actor=Actor("user", address="192.0.2.7"),
        flow_id="flw_race",
        purpose="sign_in",
        identifier=parse_identifier(typed, ("email", "phone"), "US"),
        locale="en",
        client_id=None,
        client_name=None,
        is_known_device=lambda _user_id: False,
    )
    begun = METHODS[method].begin(situation)
    assert isinstance(begun, Begun)
    with write(tenant.id) as session:
        for effect in begun.effects:
            effect(session)
    return replace(situation, challenge=begun.challenge)


def _land(situation: Situation, answers: Mapping[str, str]) -> str:
    assert situation.challenge is not None
    result = METHODS[situation.challenge.method].check(situation, answers)
    if isinstance(result, Refused):
        return "refused"
    try:
        with write(situation.tenant.id) as session:
            for effect in result.effects:
                effect(session)
    except Spent:
        return "spent"
    return "landed"


def _token(make: Factory, situation: Situation) -> str:
    return token_of(link_to(make, situation.tenant, EMAIL))


@pytest.mark.parametrize("method", ["email_code", "sms_code", "magic_link"])
def test_o02_one_code_by_two_hundred_lands_once(app: Flask, make: Factory, method: str) -> None:
    situation = _waiting(make, method)
    to = NUMBER if method == "sms_code" else EMAIL
    code = make.code(situation.tenant, to)
    outcomes = Counter(at_once(app, lambda _: _land(situation, {"code": code})))
    assert outcomes["landed"] == 1
    assert outcomes["refused"] >= MANY - 5
    assert make.events(situation.tenant).count(f"{method}.succeeded") == 1


def test_l04_one_link_by_two_hundred_lands_once(app: Flask, make: Factory) -> None:
    situation = _waiting(make, "magic_link")
    token = _token(make, situation)
    outcomes = Counter(at_once(app, lambda _: _land(situation, {"token": token})))
    assert outcomes["landed"] == 1
    assert make.events(situation.tenant).count("magic_link.succeeded") == 1


def test_l04_code_and_link_of_one_mail_land_once_together(app: Flask, make: Factory) -> None:
    situation = _waiting(make, "magic_link")
    token, code = _token(make, situation), make.code(situation.tenant, EMAIL)
    answers = [{"token": token}, {"code": code}]
    outcomes = Counter(at_once(app, lambda n: _land(situation, answers[n % 2])))
    assert outcomes["landed"] == 1


def _confirm(situation: Situation, token: str, number: str) -> str:
    challenge = situation.challenge
    assert challenge is not None
    return magic_link.confirm(
        situation.tenant, situation.actor, situation.flow_id, challenge, token, number
    )


def test_l03_one_link_is_confirmed_once_by_two_hundred(app: Flask, make: Factory) -> None:
    situation = _waiting(make, "magic_link")
    token, number = _token(make, situation), str(situation.challenge and situation.challenge.number)
    outcomes = Counter(at_once(app, lambda _: _confirm(situation, token, number)))
    assert outcomes == {"released": 1, "gone": MANY - 1}
    landed = Counter(at_once(app, lambda _: _land(situation, {})))
    assert landed["landed"] == 1
    assert make.events(situation.tenant).count("magic_link.released") == 1
    assert make.events(situation.tenant).count("magic_link.succeeded") == 1


def test_l03_of_all_numbers_at_once_one_is_compared(app: Flask, make: Factory) -> None:
    situation = _waiting(make, "magic_link")
    token = _token(make, situation)
    outcomes = Counter(at_once(app, lambda n: _confirm(situation, token, f"{n:02d}"), tries=100))
    assert outcomes["gone"] == 99
    assert outcomes["released"] + outcomes["wrong_number"] == 1
    assert situation.challenge is not None
    row = single_use.find(
        situation.tenant.id, magic_link.LINK, str(situation.challenge.link_row_id)
    )
    assert row is not None
    assert row.attempts == 1


def _client(make: Factory) -> MadeClient:
    client = make.client(make.tenant(methods=LINKS_ONLY, limits=GENEROUS))
    make.user(client.tenant, EMAIL, password=None)
    return client


def test_l04_one_link_by_fifty_requests_signs_in_once(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    link = link_to(make, client.tenant, EMAIL)
    if isinstance(visitor, HtmlVisitor):
        visitor.follow(visitor.get(link))
        assert visitor.screen == "open_link"
    twins = [_twin(visitor) for _ in range(SOME)]
    fields = {"token": token_of(link)} if isinstance(visitor, JsonVisitor) else {}
    action = "link" if fields else None
    statuses = at_once(app, lambda n: twins[n].post(action, **fields).status_code, SOME)
    assert max(statuses) < 500
    assert make.events(client.tenant).count("magic_link.succeeded") == 1
    assert make.events(client.tenant).count("user.signed_in") <= 1


def test_l03_one_confirmation_by_fifty_requests_releases_once(app: Flask, make: Factory) -> None:
    client = _client(make)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    number = number_shown(visitor)
    other = elsewhere(app, visitor, link_to(make, client.tenant, EMAIL))
    twins = [_twin(other) for _ in range(SOME)]
    statuses = at_once(app, lambda n: twins[n].post(number=number).status_code, SOME)
    assert set(statuses) <= {200, 410}
    assert make.events(client.tenant).count("magic_link.released") == 1
    look_again(visitor)
    visitor.submit("continue")
    assert visitor.answer is not None


def _twin(visitor: HtmlVisitor | JsonVisitor) -> HtmlVisitor | JsonVisitor:
    """The same browser or app once more, so that each thread has a client of its own."""
    if isinstance(visitor, JsonVisitor):
        twin = JsonVisitor(visitor.http.application, visitor.client)
        twin.flow_id, twin.token = visitor.flow_id, visitor.token
        return twin
    page = HtmlVisitor(visitor.http.application, visitor.client)
    page.http._cookies = dict(visitor.http._cookies or {})
    page.page, page.url = visitor.page, visitor.url
    return page
