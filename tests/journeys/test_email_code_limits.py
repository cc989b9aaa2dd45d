"""How often codes are sent and guessed, and what that tells nobody about who has an account."""

import re
from typing import Any

from flask import Flask

from app import clock
from app.models import Flow, OneTime, OutboxMessage
from tests.factories import Factory, MadeClient
from tests.journeys.moves import (
    CODES_ONLY,
    NOBODY,
    audited,
    awaiting_code,
    rows,
    signed_in,
    statements,
    wrong,
)
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor


def _codes_only(make: Factory, **limits: int) -> MadeClient:
    return make.client(make.tenant(methods=CODES_ONLY, limits=limits))


def _refused_at_the_door(visitor: Visitor) -> None:
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert visitor.screen == "identify"
    assert 0 < visitor.retry_after <= 3_600


def test_an_address_gets_five_codes_an_hour(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    user = make.user(client.tenant, password=None)
    for _ in range(5):
        assert awaiting_code(visit, client, user.email).screen == "email_code"
    flows = len(rows(Flow, client.tenant))
    visitor = awaiting_code(visit, client, user.email)
    _refused_at_the_door(visitor)
    assert len(make.mails(client.tenant)) == 5
    assert len(rows(OneTime, client.tenant)) == 5
    is_headless = isinstance(visitor, JsonVisitor)  # Its flow has a row from the start.
    assert len(rows(Flow, client.tenant)) == flows + is_headless
    assert audited(client.tenant, "email_code.limited") == [
        {"purpose": "sign_in", "limit": "email_code.address"}
    ]
    clock.move(3_601)
    assert awaiting_code(visit, client, user.email).screen == "email_code"


def test_resends_count_like_starts(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    user = make.user(client.tenant, password=None)
    visitor = awaiting_code(visit, client, user.email)
    for _ in range(4):
        clock.move(31)
        visitor.submit("resend")
        assert visitor.message == "email_code.resent"
    clock.move(31)
    visitor.submit("resend")
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert visitor.screen == "email_code"
    assert len(make.mails(client.tenant)) == 5


def test_a_network_gets_sixty_codes_an_hour(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    assert client.tenant.settings.limits.codes_per_network == 60
    assert client.tenant.settings.limits.codes_per_client == 200
    few = _codes_only(make, codes_per_network=3)
    for number in range(3):
        assert awaiting_code(visit, few, f"p{number}@example.com").screen == "email_code"
    _refused_at_the_door(awaiting_code(visit, few, "p3@example.com"))
    assert audited(few.tenant, "email_code.limited")[0]["limit"] == "email_code.network"
    elsewhere = visit(few)
    elsewhere.http.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    elsewhere.submit(email="p3@example.com")
    assert elsewhere.screen == "email_code"


def test_a_client_gets_its_own_number_of_codes(make: Factory, visit: Visit) -> None:
    client = _codes_only(make, codes_per_client=2)
    for number in range(2):
        assert awaiting_code(visit, client, f"p{number}@example.com").screen == "email_code"
    _refused_at_the_door(awaiting_code(visit, client, "p2@example.com"))
    assert audited(client.tenant, "email_code.limited")[0]["limit"] == "email_code.client"
    other = make.client(client.tenant)
    assert awaiting_code(visit, other, "p2@example.com").screen == "email_code"


def test_o03_an_account_has_ten_wrong_codes_an_hour(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    user = make.user(client.tenant, password=None)
    visitors = [awaiting_code(visit, client, user.email) for _ in range(3)]
    code = make.code(client.tenant, user.email)
    for visitor in visitors:
        for _ in range(4):
            visitor.submit(code=wrong(wrong(code)))
    assert sum(row.attempts for row in rows(OneTime, client.tenant)) == 10
    assert visitors[2].message == "error.too_many_tries"
    visitors[2].submit(code=code)
    assert visitors[2].status == 429
    assert visitors[2].answer is None
    assert "user.signed_in" not in make.events(client.tenant)


def test_o07_a_code_from_before_the_lock_is_refused_too(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    user = make.user(client.tenant, password=None)
    early = awaiting_code(visit, client, user.email)
    code = make.code(client.tenant, user.email)
    for _ in range(2):
        late = awaiting_code(visit, client, user.email)
        newest = make.code(client.tenant, user.email)
        for _ in range(5):
            late.submit(code=wrong(newest))
    early.submit(code=code)
    assert (early.status, early.message) == (429, "error.too_many_tries")


def test_o04_an_own_success_clears_only_ones_own_counter(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    victim = make.user(client.tenant, password=None)
    attacker = make.user(client.tenant, password=None)
    for _ in range(2):
        guessing = awaiting_code(visit, client, victim.email)
        code = make.code(client.tenant, victim.email)
        for _ in range(5):
            guessing.submit(code=wrong(code))
    signed_in(visit, make, client, attacker.email)
    again = awaiting_code(visit, client, victim.email)
    again.submit(code=make.code(client.tenant, victim.email))
    assert again.status == 429


def test_o04_an_own_success_clears_ones_own_counter(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    user = make.user(client.tenant, password=None)
    for _ in range(3):
        visitor = awaiting_code(visit, client, user.email)
        code = make.code(client.tenant, user.email)
        for _ in range(4):
            visitor.submit(code=wrong(code))
            assert visitor.message == "error.code_wrong"
        visitor.submit(code=code)
        assert visitor.answer is not None


def test_o05_mixed_case_is_one_account(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    make.user(client.tenant, "jane@example.com", password=None)
    for name in ("jane", "JANE", " Jane", "jAne", "janE"):
        assert awaiting_code(visit, client, f"{name}@Example.com").screen == "email_code"
    _refused_at_the_door(awaiting_code(visit, client, "jane@EXAMPLE.com"))


def _seen(visitor: Visitor) -> dict[str, Any]:
    """Everything that a stranger can compare, without what differs from flow to flow."""
    assert visitor.last is not None
    # A slow machine may be a second further on when it comes to the second visitor.
    varying = ("Content-Length", "X-Request-Id", "Set-Cookie", "Location", "Date", "Retry-After")
    seen: dict[str, Any] = {
        "status": visitor.status,
        "headers": {k: v for k, v in visitor.last.headers.items() if k not in varying},
        "screen": visitor.screen,
        "message": visitor.message,
        "fields": visitor.fields,
        "actions": visitor.actions,
    }
    if isinstance(visitor, HtmlVisitor):
        texts = ["".join(each.itertext()).strip() for each in visitor.page.all("main")]
        return {**seen, "text": _without_seconds(" ".join(" ".join(texts).split()))}
    said = _without_seconds(str(visitor.shown["message"]))
    return {**seen, "title": visitor.shown["title"], "said": said}


def _without_seconds(text: str) -> str:
    return re.sub(r"\d+ more seconds?", "some more seconds", text)


def test_o12_an_unknown_address_walks_the_same_screens(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    make.user(client.tenant, "somebody@example.com", password=None)
    known = awaiting_code(visit, client, "somebody@example.com")
    unknown = awaiting_code(visit, client, "stranger@example.com")
    for answer in ({}, {"code": "12"}, *[{"code": "000000"}] * 5, {"action": "resend"}):
        fields = dict(answer)
        action = fields.pop("action", None)
        if answer:
            known.submit(action, **fields)
            unknown.submit(action, **fields)
        assert _seen(known) == _seen(unknown)
    assert (known.screen, known.message) == ("email_code", "error.resend_wait")


def test_o12_an_unknown_address_costs_the_same_work(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _codes_only(make)
    make.user(client.tenant, "somebody@example.com", password=None)
    work = {}
    awaiting_code(visit, client, "first@example.com")  # Connections open, settings load.
    for email in ("somebody@example.com", NOBODY):
        visitor = visit(client)
        with statements(app) as starting:
            visitor.submit(email=email)
        with statements(app) as guessing:
            visitor.submit(code="000000")
        work[email] = (starting, guessing)
    assert work[NOBODY] == work["somebody@example.com"]


def test_o12_an_unknown_address_gets_a_mail_without_a_code(make: Factory, visit: Visit) -> None:
    client = _codes_only(make)
    visitor = awaiting_code(visit, client, NOBODY)
    assert visitor.screen == "email_code"
    ((purpose, mail),) = make.mails(client.tenant)
    assert (purpose, mail.to) == ("no_account", NOBODY)
    assert "code" not in mail.values
    assert [row.carries_secret for row in rows(OutboxMessage, client.tenant)] == [False]
