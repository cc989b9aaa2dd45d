"""Signing up by way of a provider: the tenant's own questions are asked there too, what others know
of somebody is taken where it fits, and nobody consents for them."""

from typing import Any

import pytest
from flask import Flask

from app.database import read
from app.directory import people
from app.directory.connection_settings import ClaimMapping
from app.directory.tenants import Tenant
from app.models import LinkedIdentity, User
from tests.factories import Factory, MadeClient
from tests.journeys.federation import Meet
from tests.journeys.moves import claims, rows
from tests.journeys.test_sign_up_fields import COMPANY, NEWS, PLAN, TERMS
from tests.visitors import JsonVisitor, Visit

JANE = "jane@acme.example"
FIELDS: list[dict[str, Any]] = [COMPANY, PLAN, NEWS, TERMS]


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(sign_up={"fields": FIELDS}))


def _user(tenant: Tenant) -> User:
    with read(tenant.id) as session:
        found = people.find_by_email(session, JANE)
        assert found is not None
        user = people.get(session, found.user_id)
        assert user is not None
        return user


def test_the_tenant_s_questions_are_asked_with_what_the_provider_knows(
    app: Flask, visit: Visit, meet: Meet, client: MadeClient
) -> None:
    mapping = ClaimMapping(answers={"company": "employer", "news": "wants_news", "terms": "agrees"})
    google = meet(client.tenant, mapping=mapping)
    told = {"employer": "Northwind", "wants_news": True, "agrees": True}
    browser = google.pass_through(visit(client), **told)
    assert browser.screen == "sign_up"
    assert (browser.value("display_name"), browser.value("company")) == ("Jane Doe", "Northwind")
    assert not {"email", "password"} & browser.fields
    assert browser.page.by_id("news").get("checked") is not None
    assert browser.page.by_id("terms").get("checked") is None
    assert rows(User, client.tenant) == []
    browser.submit(display_name="Jane", company="northwind", news="yes")
    assert {*browser.errors} == {"company", "terms"}
    assert rows(User, client.tenant) == []
    browser.submit(display_name="Jane", company="Northwind", plan="Small", terms="yes")
    found = claims(app, browser)
    user = _user(client.tenant)
    assert found["sub"] == user.id
    assert user.display_name == "Jane"
    assert user.public_metadata == {"company": "Northwind", "plan": "Small", "news": False}
    (consent,) = user.private_metadata["consents"]
    assert (consent["name"], consent["version"]) == ("terms", "2026-11")
    assert [row.user_id for row in rows(LinkedIdentity, client.tenant)] == [user.id]


def test_the_sign_up_page_leads_there_too(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    visitor = visit(make.client(tenant), prompt="create")
    assert visitor.screen == "sign_up"
    found = claims(app, google.pass_through(visitor))
    assert found["sub"] == _user(tenant).id
    assert [row.user_id for row in rows(LinkedIdentity, tenant)] == [found["sub"]]


def test_what_the_provider_says_is_checked_like_what_is_typed(
    visit: Visit, meet: Meet, client: MadeClient
) -> None:
    mapping = ClaimMapping(answers={"company": "employer", "plan": "plan"})
    google = meet(client.tenant, mapping=mapping)
    told = {"employer": "no capital", "plan": "Huge", "name": "Win at www.evil.example"}
    browser = google.pass_through(visit(client), **told)
    assert browser.screen == "sign_up"
    assert [browser.value(each) for each in ("display_name", "company", "plan")] == ["", "", ""]


def test_a_name_that_is_none_is_not_kept(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    claims(app, google.pass_through(visit(make.client(tenant)), name="https://evil.example"))
    assert _user(tenant).display_name is None


def test_nothing_is_asked_where_the_client_told_all(
    app: Flask, make: Factory, meet: Meet, client: MadeClient
) -> None:
    google = meet(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    given = {"company": "Northwind", "plan": "Large & loud", "news": "yes", "terms": "yes"}
    posted = visitor.post(google.action, **given, metadata={"campaign": "autumn"})
    browser = google.gone(visitor, posted)
    found = claims(app, browser)
    user = _user(client.tenant)
    assert found["sub"] == user.id
    assert user.public_metadata == {
        "campaign": "autumn",
        "company": "Northwind",
        "plan": "Large & loud",
        "news": True,
    }
    assert [each["name"] for each in user.private_metadata["consents"]] == ["terms"]
    assert user.display_name == "Jane Doe"


def test_what_the_client_tells_fills_the_form_in_but_for_consents(
    app: Flask, meet: Meet, client: MadeClient
) -> None:
    google = meet(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    told = {"plan": "Small", "terms": "yes", "display_name": "J. Doe"}
    browser = google.gone(visitor, visitor.post(google.action, **told, metadata={"from": "ad"}))
    assert browser.screen == "sign_up"
    assert browser.value("display_name") == "J. Doe"
    assert '<option value="Small" selected>' in browser.text
    browser.submit(company="Northwind", plan="Small", terms="")
    assert {*browser.errors} == {"terms"}
    browser.submit(company="Northwind", plan="Small", terms="yes")
    found = claims(app, browser)
    user = _user(client.tenant)
    assert found["sub"] == user.id
    assert (user.public_metadata["from"], user.display_name) == ("ad", "J. Doe")


@pytest.mark.parametrize(
    "wrong",
    [
        {"company": "no capital"},
        {"plan": "Huge"},
        {"terms": "perhaps"},
        {"display_name": "www.evil.example"},
        {"metadata": {"long": "x" * 5_000}},
    ],
    ids=lambda each: next(iter(each)),
)
def test_what_the_client_tells_is_checked_before_anybody_leaves(
    app: Flask, meet: Meet, client: MadeClient, wrong: dict[str, Any]
) -> None:
    google = meet(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    answer = visitor.post(google.action, **wrong)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "invalid_fields"


def test_a_company_s_people_answer_too_where_nobody_else_may_sign_up(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    methods = {"sign_up_open": False}
    tenant = make.tenant(sign_up={"fields": [COMPANY]}, methods=methods)
    corp = make.organization(tenant, "Corp")
    make.domain(tenant, corp, "acme.example")
    okta = meet(tenant, "okta", corp)
    visitor = visit(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor)
    assert browser.screen == "sign_up"
    browser.submit(company="Northwind")
    found = claims(app, browser)
    assert (found["sub"], found["org_id"]) == (_user(tenant).id, corp)
    assert _user(tenant).public_metadata == {"company": "Northwind"}


def test_who_has_an_account_is_not_asked_again_and_nothing_told_changes_it(
    app: Flask, meet: Meet, make: Factory, client: MadeClient, visit: Visit
) -> None:
    google = meet(client.tenant)
    browser = google.pass_through(visit(client))
    browser.submit(company="Northwind", terms="yes")
    before = _user(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    posted = visitor.post(google.action, company="Other", metadata={"is_admin": True})
    assert claims(app, google.gone(visitor, posted))["sub"] == before.id
    assert _user(client.tenant).public_metadata == before.public_metadata
