"""Signing in by a code in a text message: by number, by username, and what it may cost."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.delivery import sms_guard
from app.models import OneTime, SmsPrefix
from tests.factories import Factory, MadeClient, MadeUser
from tests.journeys.moves import audited, claims, rows, statements, wrong
from tests.visitors import JsonVisitor, Visit, Visitor

NUMBER, STRANGER = "+14155550123", "+14155550199"
SMS_ONLY = {"sign_in": ["sms_code"], "sign_up": []}
PHONES = {"email": "optional", "phone": "optional", "username": "optional"}


def _client(make: Factory, **sections: dict[str, Any]) -> MadeClient:
    given: dict[str, Any] = {"methods": SMS_ONLY, "identifiers": PHONES, **sections}
    return make.client(make.tenant(**given))


def _person(make: Factory, client: MadeClient, number: str = NUMBER) -> MadeUser:
    user = make.user(client.tenant, password=None)
    make.phone(client.tenant, user, number)
    return user


def _waiting(visit: Visit, client: MadeClient, name: str = NUMBER) -> Visitor:
    visitor = visit(client)
    visitor.submit(identifier=name)
    return visitor


def test_a_code_to_the_phone_signs_in(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    user = _person(make, client)
    visitor = _waiting(visit, client, "(415) 555-0123")
    assert visitor.screen == "sms_code"
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["sign_in_code"]
    visitor.submit(code=make.code(client.tenant, NUMBER))
    found = claims(app, visitor)
    assert (found["sub"], found["amr"]) == (user.id, ["otp", "sms"])
    events = make.events(client.tenant)
    for event in ("sms_code.started", "sms_code.succeeded", "user.signed_in"):
        assert events.count(event) == 1


def test_a_wrong_code_says_how_many_tries_are_left(make: Factory, visit: Visit) -> None:
    client = _client(make)
    _person(make, client)
    visitor = _waiting(visit, client)
    code = make.code(client.tenant, NUMBER)
    for _ in range(4):
        visitor.submit(code=wrong(code))
        assert (visitor.status, visitor.message) == (422, "error.code_wrong")
    visitor.submit(code=wrong(code))
    assert visitor.message == "error.code_locked"
    visitor.submit(code=code)
    assert visitor.answer is None


def test_a_code_lives_ten_minutes_and_another_waits_half_one(make: Factory, visit: Visit) -> None:
    client = _client(make)
    _person(make, client)
    visitor = _waiting(visit, client)
    visitor.submit("resend")
    assert (visitor.status, visitor.message) == (429, "error.resend_wait")
    assert 0 < visitor.retry_after <= 30
    clock.move(601)
    visitor.submit(code=make.code(client.tenant, NUMBER))
    assert visitor.message == "error.code_expired"
    visitor.submit("resend")
    visitor.submit(code=make.code(client.tenant, NUMBER))
    assert visitor.answer is not None


def test_a_phone_gets_five_codes_an_hour(make: Factory, visit: Visit) -> None:
    client = _client(make)
    _person(make, client)
    for _ in range(5):
        assert _waiting(visit, client).screen == "sms_code"
    visitor = _waiting(visit, client)
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert len(make.mails(client.tenant)) == 5
    assert audited(client.tenant, "sms_code.limited")[0]["limit"] == "sms_code.address"
    clock.move(3_601)
    assert _waiting(visit, client).screen == "sms_code"


def test_o05_number_and_username_are_one_account(make: Factory, visit: Visit) -> None:
    client = _client(make)
    user = _person(make, client)
    make.phone(client.tenant, user, STRANGER)
    make.username(client.tenant, user, "jane")
    for name in (NUMBER, "JANE", STRANGER, "415 555 0123", "jane"):
        assert _waiting(visit, client, name).screen == "sms_code"
    visitor = _waiting(visit, client)
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")


def test_o05_guesses_by_mail_and_by_sms_are_one_budget(make: Factory, visit: Visit) -> None:
    methods = {"sign_in": ["sms_code", "email_code"], "sign_up": []}
    client = _client(make, methods=methods)
    user = _person(make, client)
    by_mail, by_phone = _waiting(visit, client, user.email), _waiting(visit, client)
    assert (by_mail.screen, by_phone.screen) == ("email_code", "sms_code")
    mailed, sent = make.code(client.tenant, user.email), make.code(client.tenant, NUMBER)
    for _ in range(5):
        by_mail.submit(code=wrong(mailed))
        by_phone.submit(code=wrong(sent))
    late = _waiting(visit, client)
    late.submit(code=make.code(client.tenant, NUMBER))
    assert (late.status, late.message) == (429, "error.too_many_tries")


def test_a_network_and_a_client_have_their_limits(make: Factory, visit: Visit) -> None:
    client = _client(make, limits={"codes_per_network": 2})
    for number in range(2):
        assert _waiting(visit, client, f"+1415555010{number}").screen == "sms_code"
    assert _waiting(visit, client).status == 429
    assert audited(client.tenant, "sms_code.limited")[0]["limit"] == "sms_code.network"
    few = _client(make, limits={"codes_per_client": 1})
    assert _waiting(visit, few).screen == "sms_code"
    assert _waiting(visit, few, STRANGER).status == 429
    assert audited(few.tenant, "sms_code.limited")[0]["limit"] == "sms_code.client"


def test_o12_a_number_that_nobody_has_gets_nothing_and_sees_the_same(
    make: Factory, visit: Visit
) -> None:
    client = _client(make)
    _person(make, client)
    known, unknown = _waiting(visit, client), _waiting(visit, client, STRANGER)
    for visitor in (known, unknown):
        for _ in range(2):
            visitor.submit(code="000000")
    assert (known.screen, known.message) == (unknown.screen, unknown.message)
    assert (known.fields, known.actions) == (unknown.fields, unknown.actions)
    assert [mail.to for _, mail in make.mails(client.tenant)] == [NUMBER]


@pytest.mark.parametrize(
    ("known", "unknown"), [(NUMBER, STRANGER), ("jane", "nobody.here")], ids=["phone", "username"]
)
def test_o12_an_unknown_number_or_name_commits_as_often(
    app: Flask, make: Factory, visit: Visit, known: str, unknown: str
) -> None:
    client = _client(make)
    make.username(client.tenant, _person(make, client), "jane")
    seen = []
    for name in (known, unknown):
        visitor = visit(client)
        with statements(app) as run:
            visitor.submit(identifier=name)
        counters = sum(each.lstrip().startswith("INSERT INTO counter") for each in run)
        seen.append((counters, sum("BEGIN IMMEDIATE" in each for each in run)))
    assert seen[0] == seen[1]
    assert sms_sent_today(client) == 1


def sms_sent_today(client: MadeClient) -> int:
    with read(client.tenant.id) as session:
        return sms_guard.sent_today(session)


def test_o12_a_username_shows_no_number(make: Factory, visit: Visit) -> None:
    client = _client(make)
    user = _person(make, client)
    make.username(client.tenant, user, "jane")
    seen = []
    for name in ("jane", "nobody.here"):
        visitor = _waiting(visit, client, name)
        assert visitor.screen == "sms_code"
        if isinstance(visitor, JsonVisitor):
            assert visitor.shown["display"]["masked"] is None
            seen.append(visitor.shown["subtitle"])
        else:
            assert "•••" not in visitor.text
            seen.append({"heading": visitor.heading})
        if name == "jane":
            visitor.submit(code=make.code(client.tenant, NUMBER))
            assert visitor.answer is not None
    assert seen[0] == seen[1]


def test_a01_a_number_that_nobody_proved_opens_no_proven_account(
    make: Factory, visit: Visit
) -> None:
    client = _client(make)
    user = make.user(client.tenant, password=None)
    make.phone(client.tenant, user, NUMBER, verified=False)
    visitor = _waiting(visit, client)
    assert visitor.screen == "sms_code"
    assert make.mails(client.tenant) == []
    visitor.submit(code="000000")
    assert visitor.answer is None


def test_a01_the_owner_of_a_number_evicts_who_used_it_unproven(make: Factory, visit: Visit) -> None:
    client = _client(make)
    user = make.user(client.tenant, verified=False)
    make.phone(client.tenant, user, NUMBER, verified=False)
    visitor = _waiting(visit, client)
    visitor.submit(code=make.code(client.tenant, NUMBER))
    assert visitor.answer is not None
    events = make.events(client.tenant)
    assert events.count("user.evicted") == events.count("user.phone.verified") == 1
    assert "user.email.verified" not in events


def test_o09_a_mailed_code_is_worth_nothing_as_an_sms_code(make: Factory, visit: Visit) -> None:
    methods = {"sign_in": ["sms_code", "email_code"], "sign_up": []}
    client = _client(make, methods=methods)
    user = _person(make, client)
    make.username(client.tenant, user, "jane")
    visitor = _waiting(visit, client, "jane")
    visitor.submit("use:email_code")
    assert visitor.screen == "email_code"
    mailed, sent = make.code(client.tenant, user.email), make.code(client.tenant, NUMBER)
    assert {row.kind for row in rows(OneTime, client.tenant)} == {"email_code", "sms_code"}
    if mailed != sent:
        visitor.submit(code=sent)
        assert (visitor.message, visitor.answer) == ("error.code_wrong", None)
    visitor.submit("use:sms_code")
    if mailed != make.code(client.tenant, NUMBER):
        visitor.submit(code=mailed)
        assert (visitor.message, visitor.answer) == ("error.code_wrong", None)


@pytest.mark.parametrize(
    ("sms", "message"),
    [
        ({"deny_countries": ["US"]}, "error.sms_country"),
        ({"allow_countries": ["DE"]}, "error.sms_country"),
        ({"most_a_day": 0}, "error.sms_unavailable"),
    ],
)
def test_o13_nothing_is_sent_where_the_tenant_does_not_pay(
    make: Factory, visit: Visit, sms: dict[str, object], message: str
) -> None:
    client = _client(make, sms=sms)
    user = _person(make, client)
    make.username(client.tenant, user, "jane")
    for name in (NUMBER, STRANGER):
        visitor = _waiting(visit, client, name)
        assert (visitor.status, visitor.message) == (422, message)
        if isinstance(visitor, JsonVisitor):
            assert visitor.body["code"] == "sms_unavailable"
    by_name = _waiting(visit, client, "jane")
    assert by_name.screen == "sms_code"  # A refusal would tell that the account has a number.
    assert make.mails(client.tenant) == []
    assert rows(OneTime, client.tenant)[0].attempts == 0


def test_o13_the_day_ends_at_the_cap(make: Factory, visit: Visit) -> None:
    client = _client(make, sms={"most_a_day": 2})
    _person(make, client)
    for _ in range(2):
        assert _waiting(visit, client).screen == "sms_code"
    visitor = _waiting(visit, client)
    assert (visitor.status, visitor.message) == (422, "error.sms_unavailable")
    assert len(make.mails(client.tenant)) == 2


def test_o13_a_code_that_comes_back_speaks_for_its_prefix(make: Factory, visit: Visit) -> None:
    client = _client(make)
    _person(make, client)
    visitor = _waiting(visit, client)
    (prefix,) = rows(SmsPrefix, client.tenant)
    assert (prefix.sent, prefix.converted) == (1, 0)
    visitor.submit(code=make.code(client.tenant, NUMBER))
    (prefix,) = rows(SmsPrefix, client.tenant)
    assert (prefix.sent, prefix.converted) == (1, 1)
    assert prefix.id == NUMBER[: 1 + sms_guard.PREFIX_DIGITS]


def test_o14_a_test_tenant_may_echo_the_code_and_sends_none(make: Factory, visit: Visit) -> None:
    tenant = make.tenant("test", methods=SMS_ONLY, identifiers=PHONES, codes={"fixed": "123456"})
    client = make.client(tenant)
    _person(make, client)
    visitor = _waiting(visit, client)
    visitor.submit(code="123456")
    assert visitor.answer is not None
    assert "sign_in_code" not in [purpose for purpose, _ in make.mails(tenant)]


def test_a_recovery_and_a_second_factor_say_what_their_code_is_for(
    app: Flask, make: Factory, visit: Visit
) -> None:
    methods = {"sign_in": ["password"], "sign_up": [], "second": ["sms_code"]}
    client = _client(make, methods=methods, policy={"mfa": "required"})
    user = make.user(client.tenant)
    make.phone(client.tenant, user, NUMBER)
    visitor = visit(client)
    visitor.submit(identifier=NUMBER)
    visitor.submit("recover")
    visitor.submit(identifier=NUMBER)
    assert visitor.screen == "sms_code"
    second = visit(client)
    second.submit(identifier=user.email)
    second.submit(password=user.password or "")
    assert second.screen == "sms_code"
    second.submit(code=make.code(client.tenant, NUMBER))
    assert claims(app, second)["acr"] == "urn:authpage:acr:2fa"
    sent = [purpose for purpose, mail in make.mails(client.tenant) if mail.to == NUMBER]
    assert sent == ["recovery_code", "second_code"]


def test_a_username_recovers_by_phone_where_there_are_no_addresses(
    make: Factory, visit: Visit
) -> None:
    names = {"email": "off", "phone": "required", "username": "optional"}
    methods = {"sign_in": ["password"], "sign_up": ["password"]}
    client = _client(make, methods=methods, identifiers=names)
    user = make.user(client.tenant)
    make.phone(client.tenant, user, NUMBER)
    make.username(client.tenant, user, "jane")
    for name in ("jane", "nobody.here"):
        visitor = visit(client)
        visitor.submit(identifier=name)
        visitor.submit("recover")
        visitor.submit(identifier=name)
        assert visitor.screen == "sms_code"
        if name == "jane":
            visitor.submit(code=make.code(client.tenant, NUMBER))
            assert visitor.screen == "new_password"
    assert [mail.to for _, mail in make.mails(client.tenant)] == [NUMBER]
