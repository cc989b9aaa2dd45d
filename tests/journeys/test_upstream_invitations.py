"""Invitations by way of providers: what the invited role demands, and who gets nothing (A21)."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import required_factors
from app.models import User
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.federation import Meet
from tests.journeys.invitations import Begin, begun, invite, link_of, state_of
from tests.journeys.moves import rows
from tests.visitors import JsonVisitor, Visit

JANE = "jane@acme.example"


@pytest.fixture
def closed(make: Factory) -> MadeClient:
    """Of a tenant where nobody may sign up."""
    return make.client(make.tenant(methods={"sign_up_open": False}))


def test_m09_what_the_invited_role_demands_is_asked_at_once(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    policy = {"mfa": "off", "enrolments_put_off": 0}
    tenant = make.tenant(policy=policy, methods={"second": ["totp"]})
    corp = make.organization(tenant, "Corp")
    make.domain(tenant, corp, "acme.example")
    with write(tenant.id) as session:
        required_factors.of_role(session, CLI, "admin", required=True)
    okta = meet(tenant, "okta", corp)
    invite(tenant, corp, JANE, roles=["admin"])
    visitor = visit(make.client(tenant))
    visitor.submit(email=JANE)
    assert okta.pass_through(visitor).screen == "enrol"


@pytest.mark.parametrize(
    "told", [{"email": "eve@acme.example"}, {"email_verified": False}], ids=["other", "unproven"]
)
def test_a21_nobody_else_comes_by_an_invitation(
    make: Factory, meet: Meet, closed: MadeClient, begin: Begin, told: dict[str, object]
) -> None:
    google = meet(closed.tenant)
    made = invite(closed.tenant, make.organization(closed.tenant, "Northwind Labs"), JANE)
    browser = google.pass_through(begin(closed), **told)
    assert (browser.screen, browser.message) == ("identify", "error.upstream_not_allowed")
    assert rows(User, closed.tenant) == []
    assert state_of(closed.tenant, made) == "open"


def test_without_the_invitation_the_door_is_closed(
    make: Factory, visit: Visit, meet: Meet, closed: MadeClient
) -> None:
    google = meet(closed.tenant)
    made = invite(closed.tenant, make.organization(closed.tenant, "Northwind Labs"), JANE)
    browser = google.pass_through(visit(closed))
    assert (browser.screen, browser.message) == ("identify", "error.upstream_not_allowed")
    assert rows(User, closed.tenant) == []
    assert state_of(closed.tenant, made) == "open"


def test_a21_an_invited_person_who_signs_up_though_they_have_an_account_is_led_to_it(
    make: Factory, begin: Begin
) -> None:
    client = make.client(make.tenant())
    make.user(client.tenant, JANE)
    made = invite(client.tenant, make.organization(client.tenant, "Northwind Labs"), JANE)
    visitor = begin(client)
    visitor.submit("sign_up")
    visitor.submit(password=PASSWORD)
    assert (visitor.screen, visitor.message) == ("identify", "sign_up.account_exists")
    assert state_of(client.tenant, made) == "open"


def test_a_newcomer_acts_for_a_company_that_asks_single_sign_on_by_its_provider_alone(
    app: Flask, make: Factory, meet: Meet
) -> None:
    client = make.client(make.tenant())
    corp = make.organization(client.tenant, "Corp")
    make.domain(client.tenant, corp, "corp.example", "members")
    meet(client.tenant, "okta", corp)
    made = invite(client.tenant, corp, JANE)
    visitor = begun(app, JsonVisitor, client, link_of(make, client.tenant))
    visitor.submit(password=PASSWORD)
    assert (visitor.screen, visitor.answer) == ("upstream", None)
    assert state_of(client.tenant, made) == "open"
