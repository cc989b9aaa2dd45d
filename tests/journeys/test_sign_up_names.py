"""Signing up with an address, a number and a username, as far as the tenant takes them."""

from typing import Any

import pytest
from flask import Flask

from app.database import read
from app.directory import contacts, people
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import claims, person_of
from tests.visitors import Visit, Visitor

NUMBER = "+14155550123"
NEW = "new@example.com"
CODES: dict[str, Any] = {
    "sign_in": ["password", "email_code", "sms_code"],
    "sign_up": ["password", "email_code"],
}


def client_of(make: Factory, methods: dict[str, Any] = CODES, **demands: str) -> MadeClient:
    return make.client(make.tenant(methods=methods, identifiers=demands))


def signing_up(visit: Visit, client: MadeClient, **fields: str) -> Visitor:
    visitor = visit(client, prompt="create")
    visitor.submit(**fields)
    return visitor


def people_of(client: MadeClient) -> int:
    with read(client.tenant.id) as session:
        return len(people.list_page(session).items)


def test_every_contact_is_proven_before_there_is_a_user(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(make, phone="required", username="optional")
    visitor = signing_up(visit, client, email=NEW, phone="(415) 555-0123", username="Jane.Doe")
    assert visitor.screen == "email_code"
    visitor.submit(code=make.code(client.tenant, NEW))
    assert visitor.screen == "sms_code"
    assert people_of(client) == 0
    visitor.submit(code=make.code(client.tenant, NUMBER))
    person = person_of(client, claims(app, visitor)["sub"])
    assert (person.email, person.email_verified) == (NEW, True)
    assert (person.phone, person.phone_verified) == (NUMBER, True)
    assert person.username == "Jane.Doe"


@pytest.mark.parametrize("name", [NEW, "+1 415 555 0123", "JANE.doe"])
def test_whoever_has_several_names_signs_in_by_any(
    app: Flask, make: Factory, visit: Visit, name: str
) -> None:
    client = client_of(make, phone="required", username="required")
    visitor = signing_up(
        visit, client, email=NEW, phone=NUMBER, username="jane.doe", password=PASSWORD
    )
    visitor.submit(code=make.code(client.tenant, NEW))
    visitor.submit(code=make.code(client.tenant, NUMBER))
    assert visitor.answer is not None
    visitor = visit(client)
    visitor.submit(identifier=name)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_where_there_are_no_addresses_a_number_is_enough(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(make, email="off", phone="required")
    visitor = visit(client, prompt="create")
    assert visitor.fields == {"display_name", "phone", "password"}
    visitor.submit(phone=NUMBER)
    assert visitor.screen == "sms_code"
    visitor.submit(code=make.code(client.tenant, NUMBER))
    person = person_of(client, claims(app, visitor)["sub"])
    assert (person.email, person.phone) == (None, NUMBER)


def test_a25_who_has_only_a_username_needs_a_password(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(
        make, {"sign_in": ["password"], "sign_up": ["password"]}, email="off", username="required"
    )
    visitor = signing_up(visit, client, username="jane")
    assert visitor.errors == {"password": "error.password_missing"}
    visitor.submit(username="jane", password="jane")
    assert visitor.errors == {"password": "error.password_short"}
    visitor.submit(username="jane", password=PASSWORD)
    found = claims(app, visitor)
    assert found["amr"] == ["pwd"]
    assert person_of(client, found["sub"]).username == "jane"


def test_who_gives_no_contact_where_one_is_optional_needs_a_password(
    make: Factory, visit: Visit
) -> None:
    client = client_of(make, email="optional", username="required")
    visitor = signing_up(visit, client, username="jane")
    assert visitor.errors == {"password": "error.password_missing"}
    visitor.submit(username="jane", email=NEW)
    assert visitor.screen == "email_code"


def test_one_of_several_names_must_be_given(make: Factory, visit: Visit) -> None:
    client = client_of(make, email="optional", phone="optional")
    visitor = signing_up(visit, client, display_name="Jane", password=PASSWORD)
    assert visitor.errors == {"email": "error.contact_missing"}


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("email", "no address", "error.email_invalid"),
        ("phone", "12", "error.phone_invalid"),
        ("phone", "", "error.phone_invalid"),
        ("username", "a", "error.username_invalid"),
        ("username", "jane@example.com", "error.username_invalid"),
        ("username", "admin", "error.username_invalid"),
        ("username", "4155550123", "error.username_invalid"),
        ("username", "jane doe", "error.username_invalid"),
        ("username", "jаne", "error.username_invalid"),  # noqa: RUF001 - a Cyrillic letter
    ],
)
def test_a18_what_names_nobody_is_said_at_its_field(
    make: Factory, visit: Visit, field: str, typed: str, error: str
) -> None:
    client = client_of(make, phone="required", username="required")
    given = {"email": NEW, "phone": NUMBER, "username": "jane", field: typed}
    visitor = signing_up(visit, client, **given)
    assert visitor.status == 422
    assert visitor.errors == {field: error}
    assert visitor.value("email") == given["email"]


def test_a_taken_username_is_told(make: Factory, visit: Visit) -> None:
    client = client_of(make, username="required")
    holder = make.user(client.tenant)
    make.username(client.tenant, holder, "jane")
    visitor = signing_up(visit, client, email=NEW, username="JANE")
    assert visitor.status == 422
    assert visitor.errors == {"username": "error.username_taken"}
    visitor.submit(email=NEW, username="jane2")
    assert visitor.screen == "email_code"


def test_usernames_cannot_be_tried_without_end(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(identifiers={"username": "required"}, limits={"codes_per_network": 3})
    client = make.client(tenant)
    holder = make.user(tenant)
    make.username(client.tenant, holder, "jane")
    visitor = visit(client, prompt="create")
    for _ in range(3):
        visitor.submit(email=NEW, username="jane")
        assert visitor.errors == {"username": "error.username_taken"}
    visitor.submit(email=NEW, username="nobody-has-this")
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")


def test_a_username_that_was_taken_meanwhile_is_asked_for_again(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(make, username="required")
    visitor = signing_up(visit, client, email=NEW, username="jane", password=PASSWORD)
    faster = make.user(client.tenant)
    make.username(client.tenant, faster, "jane")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert (visitor.screen, visitor.message) == ("sign_up", "error.username_taken")
    assert "email" not in visitor.fields
    visitor.submit(username="jane2", password=PASSWORD)
    person = person_of(client, claims(app, visitor)["sub"])
    assert (person.email, person.email_verified, person.username) == (NEW, True, "jane2")


def test_m10_a_taken_number_is_not_told_and_its_owner_signs_in(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(make, email="off", phone="required")
    owner = make.user(client.tenant)
    make.phone(client.tenant, owner, NUMBER)
    visitor = signing_up(visit, client, phone=NUMBER)
    assert visitor.screen == "sms_code"
    visitor.submit(code=make.code(client.tenant, NUMBER))
    assert claims(app, visitor)["sub"] == owner.id


def test_a_contact_proven_before_is_no_second_factor_of_whom_the_next_one_names(
    app: Flask, make: Factory, visit: Visit
) -> None:
    """A stranger's own address beside a number that has an account: only the number counts."""
    client = client_of(make, phone="required")
    owner = make.user(client.tenant)
    make.phone(client.tenant, owner, NUMBER)
    visitor = signing_up(visit, client, email=NEW, phone=NUMBER)
    visitor.submit(code=make.code(client.tenant, NEW))
    visitor.submit(code=make.code(client.tenant, NUMBER))
    found = claims(app, visitor)
    assert (found["sub"], found["amr"]) == (owner.id, ["otp", "sms"])
    with read(client.tenant.id) as session:
        assert NEW not in {each.value for each in contacts.list_of_user(session, owner.id)}


def test_a19_a_username_is_never_taken_for_an_address_or_number(
    make: Factory, visit: Visit
) -> None:
    """Nobody can take a name that reads as another person's address or number."""
    client = client_of(make, phone="optional", username="required")
    victim = make.user(client.tenant)
    make.phone(client.tenant, victim, NUMBER)
    for crossing in (victim.email, NUMBER, "4155550123", "415-555-0123"):
        visitor = signing_up(visit, client, email=NEW, username=crossing, password=PASSWORD)
        assert visitor.errors == {"username": "error.username_invalid"}


@pytest.mark.parametrize("typed", ["new@example.com", "NEW@EXAMPLE.COM", " new@example.com "])
def test_a16_one_address_has_one_account_however_it_is_written(
    app: Flask, make: Factory, visit: Visit, typed: str
) -> None:
    client = client_of(make)
    owner = make.user(client.tenant, NEW)
    visitor = signing_up(visit, client, email=typed)
    visitor.submit(code=make.code(client.tenant, make.mails(client.tenant)[-1][1].to))
    assert claims(app, visitor)["sub"] == owner.id


@pytest.mark.parametrize(
    "typed", ["m\u0131ke@example.com", "\uff41dmin@example.com", "a\uff20example.com"]
)
def test_a17_letters_that_become_others_are_refused(
    make: Factory, visit: Visit, typed: str
) -> None:
    visitor = signing_up(visit, client_of(make), email=typed)
    assert visitor.errors == {"email": "error.email_invalid"}


def test_the_hint_stands_in_the_field_that_it_belongs_to(make: Factory, visit: Visit) -> None:
    client = client_of(make, email="optional", phone="optional", username="optional")
    for field, name in (("email", NEW), ("phone", NUMBER), ("username", "jane")):
        visitor = visit(client)
        visitor.submit("sign_up", identifier=name)
        assert visitor.screen == "sign_up"
        filled = {each: visitor.value(each) for each in ("email", "phone", "username")}
        assert filled == {**dict.fromkeys(filled, ""), field: name}
