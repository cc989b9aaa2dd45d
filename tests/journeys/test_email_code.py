"""Signing in by a code in a mail: the code, its tries, its life, and the one that replaces it."""

import unicodedata

import pytest

from app import clock
from app.models import OneTime
from tests.factories import Factory
from tests.journeys.moves import CODES_ONLY, audited, awaiting_code, rows, wrong
from tests.visitors import Visit


def test_a_code_signs_in(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    assert visitor.screen == "email_code"
    assert [purpose for purpose, _ in make.mails(tenant)] == ["sign_in_code"]
    visitor.submit(code=make.code(tenant, user.email))
    assert visitor.answer is not None
    assert set(visitor.answer) == {"code", "state", "iss"}
    events = make.events(tenant)
    for event in ("email_code.started", "email_code.succeeded", "user.signed_in"):
        assert events.count(event) == 1


def test_a_wrong_code_says_how_many_tries_are_left(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    code = make.code(tenant, user.email)
    visitor.submit(code=wrong(code))
    assert (visitor.status, visitor.message) == (422, "error.code_wrong")
    assert visitor.value("code") == ""
    assert audited(tenant, "email_code.failed") == [{"purpose": "sign_in", "reason": "wrong_code"}]
    visitor.submit(code=code)
    assert visitor.answer is not None


def test_o01_the_fifth_wrong_answer_locks_the_code(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    code = make.code(tenant, user.email)
    for _ in range(4):
        visitor.submit(code=wrong(code))
        assert visitor.message == "error.code_wrong"
    visitor.submit(code=wrong(code))
    assert visitor.message == "error.code_locked"
    visitor.submit(code=code)
    assert (visitor.status, visitor.message) == (422, "error.code_locked")
    assert visitor.answer is None
    assert [row.attempts for row in rows(OneTime, tenant)] == [5]


def test_a_locked_code_is_not_replaced_but_a_new_start_is(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    for _ in range(5):
        visitor.submit(code=wrong(make.code(tenant, user.email)))
    clock.move(31)
    visitor.submit("resend")
    assert visitor.message == "error.code_locked"
    assert len(make.mails(tenant)) == 1
    visitor.submit("restart")
    assert visitor.screen == "identify"
    assert visitor.value("email") == user.email
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(tenant, user.email))
    assert visitor.answer is not None


def test_a_code_expires_and_another_one_works(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    clock.move(601)
    visitor.submit(code=make.code(tenant, user.email))
    assert (visitor.status, visitor.message) == (422, "error.code_expired")
    visitor.submit("resend")
    visitor.submit(code=make.code(tenant, user.email))
    assert visitor.answer is not None


def test_o08_only_the_newest_code_is_good(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    first = make.code(tenant, user.email)
    visitor.submit("resend")
    assert (visitor.status, visitor.message) == (429, "error.resend_wait")
    assert 0 < visitor.retry_after <= 30
    clock.move(30)
    visitor.submit("resend")
    assert visitor.message == "email_code.resent"
    second = make.code(tenant, user.email)
    assert len(make.mails(tenant)) == 2
    if first != second:
        visitor.submit(code=first)
        assert visitor.message == "error.code_wrong"
    visitor.submit(code=second)
    assert visitor.answer is not None


def test_o08_a_new_code_has_only_the_tries_that_are_left(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    for _ in range(4):
        visitor.submit(code=wrong(make.code(tenant, user.email)))
    clock.move(31)
    visitor.submit("resend")
    visitor.submit(code=wrong(make.code(tenant, user.email)))
    assert visitor.message == "error.code_locked"
    visitor.submit(code=make.code(tenant, user.email))
    assert visitor.answer is None


@pytest.mark.parametrize(("digits", "tries"), [(4, 3), (5, 3), (6, 5), (8, 5)])
def test_a_tenant_decides_how_long_codes_are(
    make: Factory, visit: Visit, digits: int, tries: int
) -> None:
    tenant = make.tenant(codes={"digits": digits}, methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    code = make.code(tenant, user.email)
    assert len(code) == digits
    for _ in range(tries - 1):
        visitor.submit(code=wrong(code))
        assert visitor.message == "error.code_wrong"
    visitor.submit(code=wrong(code))
    assert visitor.message == "error.code_locked"


def test_o09_a_code_belongs_to_its_flow(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    client = make.client(tenant)
    one = awaiting_code(visit, client, user.email)
    code_of_one = make.code(tenant, user.email)
    other = awaiting_code(visit, client, user.email)
    if make.code(tenant, user.email) != code_of_one:
        other.submit(code=code_of_one)
        assert other.message == "error.code_wrong"
    one.submit(code=code_of_one)
    assert one.answer is not None


def test_o09_a_code_belongs_to_its_purpose(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    sign_in_code = make.code(tenant, user.email)
    visitor.submit("use:password")
    visitor.submit("recover")
    visitor.submit(email=user.email)
    assert [purpose for purpose, _ in make.mails(tenant)] == ["sign_in_code", "recovery_code"]
    if make.code(tenant, user.email) != sign_in_code:
        visitor.submit(code=sign_in_code)
        assert (visitor.screen, visitor.message) == ("email_code", "error.code_wrong")


@pytest.mark.parametrize("zero", ["FULLWIDTH DIGIT ZERO", "ARABIC-INDIC DIGIT ZERO"])
def test_o11_digits_of_any_script_are_digits(make: Factory, visit: Visit, zero: str) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    code = make.code(tenant, user.email)
    typed = "".join(chr(ord(unicodedata.lookup(zero)) + int(digit)) for digit in code)
    visitor.submit(code=f" {typed[:3]} {typed[3:]} ")
    assert visitor.answer is not None


@pytest.mark.parametrize(
    "text", ["", "+12345", "12345", "1234567", "12345²", "abcdef", "12345\u2175", "1" * 2_000]
)
def test_o11_what_is_no_code_costs_no_try(make: Factory, visit: Visit, text: str) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    visitor.submit(code=text)
    assert visitor.status == 422
    assert visitor.errors == {"code": "error.code_form"}
    assert [row.attempts for row in rows(OneTime, tenant)] == [0]


def test_o11_a_code_of_100000_characters_is_refused_unread(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    assert visitor.post(code="1" * 100_000).status_code == 413
    assert visitor.post(code="1" * 50_000).status_code in (400, 422)
    assert [row.attempts for row in rows(OneTime, tenant)] == [0]


def test_o11_a_leading_zero_counts(make: Factory, visit: Visit) -> None:
    tenant = make.tenant("test", codes={"fixed": "004215"}, methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    visitor.submit(code="4215")
    assert visitor.errors == {"code": "error.code_form"}
    visitor.submit(code="004215")
    assert visitor.answer is not None


def test_another_epoch_kills_the_codes_that_are_out(make: Factory, visit: Visit) -> None:
    from app.actor import CLI
    from app.database import EVERYWHERE, write
    from app.directory import tenants

    tenant = make.tenant()
    user = make.user(tenant)
    visitor = awaiting_code(visit, make.client(tenant), user.email)
    with write(EVERYWHERE) as session:
        tenants.end_everything(session, CLI, tenant.id)
    response = visitor.post(code=make.code(tenant, user.email))
    assert response.status_code in (303, 410)
    assert "user.signed_in" not in make.events(tenant)
