"""A code or link that an unknown address or number proves makes the user, where the tenant wants
that."""

from typing import Any

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import people_status
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import claims, person_of
from tests.visitors import Visit, Visitor

NEW, NUMBER = "new@example.com", "+14155550123"
COMPANY = {"name": "company", "kind": "text", "label": {"en": "Company"}, "required": True}


def client_of(make: Factory, **sections: Any) -> MadeClient:
    methods = {
        "sign_in": ["email_code", "password", "sms_code"],
        "create_on_first_sign_in": True,
        **sections.pop("methods", {}),
    }
    return make.client(make.tenant(methods=methods, **sections))


def arriving(visit: Visit, make: Factory, client: MadeClient, name: str = NEW) -> Visitor:
    visitor = visit(client)
    field = "identifier" if "identifier" in visitor.fields else "email"
    visitor.submit(**{field: name})
    if visitor.screen == "password":
        visitor.submit("use:sms_code")
    visitor.submit(code=make.code(client.tenant, name))
    return visitor


def test_an_address_that_is_proven_makes_the_user(app: Flask, make: Factory, visit: Visit) -> None:
    client = client_of(make)
    visitor = arriving(visit, make, client)
    found = claims(app, visitor)
    person = person_of(client, found["sub"])
    assert (person.email, person.email_verified, person.password_hash) == (NEW, True, None)
    assert make.events(client.tenant).count("user.signed_up") == 1
    again = arriving(visit, make, client)
    assert claims(app, again)["sub"] == found["sub"]


def test_a_number_that_is_proven_makes_the_user(app: Flask, make: Factory, visit: Visit) -> None:
    client = client_of(make, identifiers={"email": "optional", "phone": "optional"})
    person = person_of(client, claims(app, arriving(visit, make, client, NUMBER))["sub"])
    assert (person.email, person.phone, person.phone_verified) == (None, NUMBER, True)


def test_a_wrong_code_makes_nobody(make: Factory, visit: Visit) -> None:
    client = client_of(make)
    visitor = visit(client)
    visitor.submit(email=NEW)
    visitor.submit(code="000000" if make.code(client.tenant, NEW) != "000000" else "000001")
    assert visitor.message == "error.code_wrong"
    assert "user.created" not in make.events(client.tenant)


def test_m10_a_known_and_an_unknown_address_get_the_same_mail(make: Factory, visit: Visit) -> None:
    client = client_of(make)
    known = make.user(client.tenant)
    for address in (known.email, NEW):
        visitor = visit(client)
        visitor.submit(email=address)
        assert visitor.screen == "email_code"
    purposes = [purpose for purpose, _ in make.mails(client.tenant)]
    assert purposes == ["sign_in_code", "sign_in_code"]


def test_whoever_is_asked_for_more_gets_the_rest_of_the_form(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = client_of(make, sign_up={"fields": [COMPANY]})
    visitor = arriving(visit, make, client)
    assert visitor.screen == "sign_up"
    assert "email" not in visitor.fields
    visitor.submit(company="")
    assert visitor.errors == {"company": "error.field_missing"}
    visitor.submit(company="Northwind", email="other@example.com", password=PASSWORD)
    person = person_of(client, claims(app, visitor)["sub"])
    assert (person.email, person.email_verified) == (NEW, True)
    assert person.password_hash is not None


def test_another_required_contact_is_proven_too(app: Flask, make: Factory, visit: Visit) -> None:
    client = client_of(make, identifiers={"phone": "required"})
    visitor = arriving(visit, make, client)
    assert visitor.screen == "sign_up"
    visitor.submit(phone=NUMBER)
    assert visitor.screen == "sms_code"
    visitor.submit(code=make.code(client.tenant, NUMBER))
    person = person_of(client, claims(app, visitor)["sub"])
    assert (person.email, person.phone) == (NEW, NUMBER)


@pytest.mark.parametrize(
    "methods", [{"sign_up_open": False}, {"create_on_first_sign_in": False}], ids=str
)
def test_where_nobody_may_sign_up_like_that_nobody_does(
    make: Factory, visit: Visit, methods: dict[str, Any]
) -> None:
    client = client_of(make, methods=methods)
    visitor = visit(client)
    visitor.submit(email=NEW)
    assert visitor.screen == "email_code"
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["no_account"]
    visitor.submit(code="123456")
    assert visitor.answer is None
    assert "user.created" not in make.events(client.tenant)


def test_a_disabled_person_is_not_made_anew(make: Factory, visit: Visit) -> None:
    client = client_of(make)
    known = make.user(client.tenant)
    with write(client.tenant.id) as session:
        people_status.disable(session, CLI, known.id)
    visitor = visit(client)
    visitor.submit(email=known.email)
    visitor.submit(code="123456")
    assert visitor.answer is None
    assert make.events(client.tenant).count("user.created") == 1
