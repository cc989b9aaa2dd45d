"""Numbers of one's own account: proven by a code, preferred, removed, and confused with nothing."""

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.directory import contacts
from app.models import SmsPrefix
from tests.account.resident import Resident, resident, settle
from tests.factories import Factory
from tests.journeys.moves import rows, wrong
from tests.visitors import HtmlVisitor

NUMBER, OTHER = "+14155550123", "+14155550199"
PHONES = {"phone": "optional"}


def _numbers(person: Resident) -> dict[str, bool]:
    """The proven numbers of the account, and whether each is the primary one."""
    return {each.key: each.is_primary for each in _contacts(person) if each.kind == "phone"}


def _contacts(person: Resident) -> tuple[contacts.Contact, ...]:
    with read(person.client.tenant.id) as session:
        return contacts.list_of_user(session, person.user.id)


def _id_of(person: Resident, number: str) -> str:
    return next(each.id for each in _contacts(person) if each.key == number)


def _ask(person: Resident, number: str = NUMBER) -> None:
    person.go("/phones/add")
    person.submit(phone=number)


def _add(person: Resident, make: Factory, number: str = NUMBER) -> None:
    _ask(person, number)
    person.submit(code=make.code(person.client.tenant, number))
    assert person.told == "account.told.contact_added", (person.message, person.errors)


def _purposes(person: Resident, make: Factory) -> list[str]:
    return [purpose for purpose, _ in make.mails(person.client.tenant)]


@pytest.fixture
def person(app: Flask, make: Factory) -> Resident:
    return resident(app, make, identifiers=PHONES)


def test_a15_a_number_counts_only_once_its_code_came_back(make: Factory, person: Resident) -> None:
    _ask(person, "(415) 555-0123")
    assert person.fields == {"code"}
    assert person.shows("+1 415-555-0123")
    assert "verify_phone_code" in _purposes(person, make)
    person.go()
    assert _numbers(person) == {}
    (way,) = [each for each in person.page.all("a") if "/contacts/otc_" in (each.get("href") or "")]
    person.follow(person.get("/".join(person.base.split("/")[:3]) + way.get("href")))
    person.submit(code=make.code(person.client.tenant, NUMBER))
    assert person.told == "account.told.contact_added"
    assert _numbers(person) == {NUMBER: True}
    assert person.shows("+1 415-555-0123")
    assert "phone_added" in _purposes(person, make)
    (counted,) = rows(SmsPrefix, person.client.tenant)
    assert counted.converted == 1


def test_o_a_wrong_code_adds_nothing_and_five_are_enough(make: Factory, person: Resident) -> None:
    _ask(person)
    code = make.code(person.client.tenant, NUMBER)
    person.submit(code="12")
    assert (person.status, person.errors) == (422, {"code": "error.code_form"})
    for _ in range(4):
        person.submit(code=wrong(code))
        assert (person.status, person.errors) == (422, {"code": "error.code_wrong"})
    person.submit(code=wrong(code))
    assert person.errors == {"code": "error.code_locked"}
    person.submit(code=code)
    assert _numbers(person) == {}


def test_another_code_waits_half_a_minute_and_kills_the_first(
    make: Factory, person: Resident
) -> None:
    _ask(person)
    first = make.code(person.client.tenant, NUMBER)
    person.submit("resend")
    assert (person.status, person.message) == (429, "error.resend_wait")
    assert 0 < person.retry_after <= 30
    clock.move(31)
    person.submit("resend")
    assert person.told == "account.told.code_resent"
    second = make.code(person.client.tenant, NUMBER)
    if first != second:
        person.submit(code=first)
        assert person.errors == {"code": "error.code_wrong"}
    person.submit(code=second)
    assert _numbers(person) == {NUMBER: True}


def test_a_code_that_is_too_old_leads_to_another_one(make: Factory, person: Resident) -> None:
    _ask(person)
    clock.move(601)
    person.submit(code=make.code(person.client.tenant, NUMBER))
    person.pass_flow(person.user)
    assert (person.screen, person.told) == ("add_phone", "error.code_expired")
    assert person.value("phone") == "+1 415-555-0123"
    person.submit(phone=person.value("phone"))
    person.submit(code=make.code(person.client.tenant, NUMBER))
    assert _numbers(person) == {NUMBER: True}


def test_a_code_sent_twice_by_one_hand_adds_the_number_once(
    make: Factory, person: Resident
) -> None:
    _ask(person)
    form, code = person.form_url, make.code(person.client.tenant, NUMBER)
    person.submit(code=code)
    path = form.partition("/account")[2]
    person.press(path, code=code)
    assert (person.status, person.url) == (200, f"{person.base}/account")
    assert _numbers(person) == {NUMBER: True}


def test_what_is_no_number_is_said_at_its_field(make: Factory, person: Resident) -> None:
    for text in ("", "12", "jane@example.com", "+1 415 555 0123 ext 9" * 5):
        _ask(person, text)
        assert (person.status, person.errors) == (422, {"phone": "error.phone_invalid"}), text
        assert person.value("phone") == text[:200]
    _add(person, make)
    _ask(person, "415 555 0123")
    assert person.errors == {"phone": "error.contact_exists"}


def test_p_a_country_that_is_not_served_gets_no_message(make: Factory, person: Resident) -> None:
    settle(person, "sms", allow_countries=["DE"])
    _ask(person)
    assert (person.status, person.errors) == (422, {"phone": "error.phone_not_served"})
    assert "verify_phone_code" not in _purposes(person, make)


def test_a_number_of_another_account_is_told_only_to_its_owner(
    make: Factory, person: Resident
) -> None:
    make.phone(person.client.tenant, make.user(person.client.tenant), NUMBER)
    _ask(person)
    assert person.fields == {"code"}, "Before the proof nothing is told."
    person.submit(code=make.code(person.client.tenant, NUMBER))
    assert person.message == "error.identifier_taken"
    assert _numbers(person) == {}


def test_the_primary_number_changes_and_the_other_goes(make: Factory, person: Resident) -> None:
    _add(person, make)
    _add(person, make, OTHER)
    assert _numbers(person) == {NUMBER: True, OTHER: False}
    person.go(f"/contacts/{_id_of(person, OTHER)}/primary")
    person.submit()
    assert person.told == "account.told.primary_changed"
    assert _numbers(person) == {NUMBER: False, OTHER: True}
    person.go(f"/contacts/{_id_of(person, NUMBER)}/remove")
    assert person.shows("+1 415-555-0123")
    person.submit()
    assert person.told == "account.told.contact_removed"
    assert _numbers(person) == {OTHER: True}
    assert "phone_removed" in _purposes(person, make)


def test_m09_a_number_is_asked_for_by_who_signed_in_lately(person: Resident) -> None:
    clock.move(700)
    _ask(person)
    assert person.screen in ("password", "email_code")
    person.pass_flow(person.user)
    assert person.url.startswith(f"{person.base}/account/phones/add")


def test_m09_the_number_that_is_the_last_way_in_stays(make: Factory, person: Resident) -> None:
    _add(person, make)
    settle(person, "methods", sign_in=["sms_code"], sign_up=[])
    person.go(f"/contacts/{_id_of(person, NUMBER)}/remove")
    person.submit()
    assert (person.status, person.message) == (422, "error.last_way_in")
    assert _numbers(person) == {NUMBER: True}


def test_x01_the_number_of_another_person_does_not_exist(make: Factory, person: Resident) -> None:
    other = make.user(person.client.tenant)
    make.phone(person.client.tenant, other, NUMBER)
    with read(person.client.tenant.id) as session:
        (theirs,) = [
            each for each in contacts.list_of_user(session, other.id) if each.kind == "phone"
        ]
    for way in ("primary", "remove"):
        assert person.get(f"{person.base}/account/contacts/{theirs.id}/{way}").status_code == 404
        assert person.send(f"/contacts/{theirs.id}/{way}").status_code == 404


def test_a_tenant_without_numbers_takes_none(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    assert person.get(f"{person.base}/account/phones/add").status_code == 404
    person.go()
    assert not person.shows("/phones/add")


def test_o13_a_number_gets_five_messages_an_hour_by_whichever_door(
    app: Flask, make: Factory, person: Resident
) -> None:
    settle(person, "methods", sign_in=["password", "sms_code"])
    stranger = make.user(person.client.tenant)
    make.phone(person.client.tenant, stranger, NUMBER)
    for _ in range(3):
        visitor = HtmlVisitor(app, person.client)
        visitor.open()
        visitor.submit(identifier=NUMBER)
        visitor.submit("use:sms_code")
        assert visitor.screen == "sms_code"
    for _ in range(2):
        _ask(person)
        assert person.fields == {"code"}
    _ask(person)
    assert (person.status, person.message) == (429, "error.too_many_tries")
    sent = [mail for _, mail in make.mails(person.client.tenant) if mail.to == NUMBER]
    assert len(sent) == 5


def test_o14_a_test_tenant_that_sends_nothing_pays_nothing(app: Flask, make: Factory) -> None:
    tenant = make.tenant(
        "test", identifiers=PHONES, codes={"fixed": "123456"}, sms={"most_a_day": 0}
    )
    person = Resident(app, make.client(tenant), make.user(tenant))
    _ask(person)
    person.submit(code="123456")
    assert set(_numbers(person)) == {NUMBER}
    assert rows(SmsPrefix, tenant) == []
    assert [mail for _, mail in make.mails(tenant) if mail.to == NUMBER] == []
