"""Invitations that are answered by way of a provider: with the invited roles, by the owner of the
invited address alone, and once (A21)."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import required_factors
from app.models import Membership, User
from tests.factories import Factory, MadeClient
from tests.journeys.federation import Meet
from tests.journeys.invitations import begun, invite, link_of, roles_of, state_of
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

JANE = "jane@acme.example"
Begin = Callable[[MadeClient], Visitor]


@pytest.fixture(params=[HtmlVisitor, JsonVisitor], ids=["html", "json"])
def begin(request: pytest.FixtureRequest, app: Flask, make: Factory) -> Begin:
    """Goes in by the newest link."""
    return lambda client: begun(app, request.param, client, link_of(make, client.tenant))


@pytest.fixture
def closed(make: Factory) -> MadeClient:
    """Of a tenant where nobody may sign up."""
    return make.client(make.tenant(methods={"sign_up_open": False}))


def test_a_company_s_provider_brings_the_place_that_waits(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    corp = make.organization(tenant, "Corp")
    make.domain(tenant, corp, "acme.example")
    okta, client = meet(tenant, "okta", corp), make.client(tenant)

    def come() -> str:
        visitor = visit(client)
        visitor.submit(email=JANE)
        found = claims(app, okta.pass_through(visitor))
        assert found["org_id"] == corp
        return str(found["sub"])

    other = invite(tenant, corp, "joe@acme.example", roles=["owner"])
    made = invite(tenant, corp, JANE, roles=["admin"])
    user_id = come()
    assert (state_of(tenant, made), state_of(tenant, other)) == ("accepted", "open")
    assert roles_of(tenant, user_id) == {corp: ("admin",)}
    come()
    assert roles_of(tenant, user_id) == {corp: ("admin",)}
    assert make.events(tenant).count("invitation.accepted") == 1
    assert len(rows(Membership, tenant)) == 1


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


def test_the_invited_address_comes_where_nobody_else_may_sign_up(
    make: Factory, meet: Meet, closed: MadeClient, begin: Begin
) -> None:
    google = meet(closed.tenant)
    labs = make.organization(closed.tenant, "Northwind Labs")
    made = invite(closed.tenant, labs, JANE, roles=["admin"])
    visitor = begin(closed)
    assert visitor.screen == "sign_up"
    google.pass_through(visitor)
    (user,) = rows(User, closed.tenant)
    assert roles_of(closed.tenant, user.id) == {labs: ("admin",)}
    assert state_of(closed.tenant, made) == "accepted"


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
