"""Invitations by way of other providers: an organization's own takes what waits there for whom it
proves, and nobody's word is good for another address (A21)."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import connections, invitations, people
from app.directory.tenants import Tenant
from app.models import User
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.federation import Meet, Upstream
from tests.journeys.invitations import Begin, begun, invite, link_of, roles_of, state_of
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, Visit

JANE = "jane@acme.example"
CLOSED = {"sign_up_open": False}
TEAM = {
    "fields": [{"name": "team", "kind": "text", "label": {"en": "Your team"}, "required": True}]
}


def _company(make: Factory, tenant: Tenant, sso: str = "domain") -> str:
    company = make.organization(tenant, "Corp")
    make.domain(tenant, company, "acme.example", sso)
    return company


def _user_of(tenant: Tenant) -> str:
    with read(tenant.id) as session:
        found = people.find_by_email(session, JANE)
    assert found is not None
    return found.user_id


def _came(visit: Visit, client: MadeClient, okta: Upstream, **changed: object) -> HtmlVisitor:
    """Somebody who goes to the company's provider by their address, without any link."""
    visitor = visit(client)
    visitor.submit(email=JANE)
    return okta.pass_through(visitor, **changed)


def _invites_only(tenant: Tenant, okta: Upstream) -> None:
    settings = okta.connection.settings.model_copy(update={"creates_users": False})
    with write(tenant.id) as session:
        connections.update(session, CLI, okta.connection.id, settings=settings)


def test_the_link_leads_to_the_company_s_provider_and_its_word_accepts(
    make: Factory, begin: Begin, meet: Meet
) -> None:
    tenant = make.tenant(methods=CLOSED)
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    made = invite(tenant, company, "Jane@ACME.example", roles=["admin"])
    visitor = begin(make.client(tenant))
    visitor.submit(email=JANE)
    assert visitor.screen == "realm"
    okta.pass_through(visitor)
    assert roles_of(tenant, _user_of(tenant)) == {company: ("admin",)}
    assert state_of(tenant, made) == "accepted"
    assert make.events(tenant).count("invitation.accepted") == 1
    assert len(make.mails(tenant)) == 1  # No code was sent.


def test_whoever_comes_without_the_link_takes_the_place_too(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    company, other = _company(make, tenant), make.organization(tenant, "Other")
    okta = meet(tenant, "okta", company)
    made, elsewhere = invite(tenant, company, JANE, roles=["admin"]), invite(tenant, other, JANE)
    client = make.client(tenant)
    found = claims(app, _came(visit, client, okta))
    assert found["org_id"] == company
    assert roles_of(tenant, found["sub"]) == {company: ("admin",)}
    assert (state_of(tenant, made), state_of(tenant, elsewhere)) == ("accepted", "open")
    _came(visit, client, okta)
    assert make.events(tenant).count("invitation.accepted") == 1


@pytest.mark.parametrize("by_link", [True, False], ids=["link", "directly"])
def test_where_nobody_new_comes_in_the_invited_do(
    app: Flask, make: Factory, visit: Visit, meet: Meet, by_link: bool
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    _invites_only(tenant, okta)
    client = make.client(tenant)
    refused = _came(visit, client, okta)
    assert refused.message == "error.upstream_not_allowed"
    assert rows(User, tenant) == []
    invite(tenant, company, JANE)
    if by_link:
        visitor = begun(app, HtmlVisitor, client, link_of(make, tenant))
        visitor.submit(email=JANE)
        okta.pass_through(visitor)
    else:
        _came(visit, client, okta)
    assert roles_of(tenant, _user_of(tenant)) == {company: ("member",)}


def test_what_is_over_gives_no_roles_and_lets_nobody_in(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    _invites_only(tenant, okta)
    made = invite(tenant, company, JANE, roles=["admin"])
    clock.move(invitations.LIVES)
    refused = _came(visit, make.client(tenant), okta)
    assert refused.message == "error.upstream_not_allowed"
    assert (rows(User, tenant), state_of(tenant, made)) == ([], "expired")


def test_a21_the_provider_s_word_is_good_for_the_address_that_it_tells(
    make: Factory, begin: Begin, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    made = invite(tenant, company, JANE, roles=["admin"])
    visitor = begin(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor, email="bob@acme.example")
    assert browser.screen == "invitation_refused"
    assert state_of(tenant, made) == "open"


@pytest.mark.parametrize("is_theirs", [True, False], ids=["own", "another's"])
def test_a21_somebody_with_another_address_here_is_who_their_company_says_for_its_own_place(
    make: Factory, visit: Visit, begin: Begin, meet: Meet, is_theirs: bool
) -> None:
    tenant = make.tenant()
    company, other = _company(make, tenant), make.organization(tenant, "Other")
    okta, client = meet(tenant, "okta", company), make.client(tenant)
    _came(visit, client, okta, email="j.doe@acme.example")
    made = invite(tenant, company if is_theirs else other, JANE, roles=["admin"])
    visitor = begin(client)
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor, email=JANE)
    assert (browser.screen == "invitation_refused") != is_theirs
    assert state_of(tenant, made) == ("accepted" if is_theirs else "open")


def test_questions_of_the_sign_up_are_asked_of_the_invited_too(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant(methods=CLOSED, sign_up=TEAM)
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    invite(tenant, company, JANE, roles=["admin"])
    browser = _came(visit, make.client(tenant), okta)
    assert browser.screen == "sign_up"
    browser.submit(team="Fruit")
    assert browser.answer is not None
    assert roles_of(tenant, _user_of(tenant)) == {company: ("admin",)}


def test_google_proves_the_address_as_well_as_the_mail_does(
    make: Factory, begin: Begin, meet: Meet
) -> None:
    tenant = make.tenant(methods=CLOSED)
    labs, google = make.organization(tenant, "Labs"), meet(tenant)
    made = invite(tenant, labs, JANE)
    begun = begin(make.client(tenant))
    google.pass_through(begun)
    assert state_of(tenant, made) == "accepted"
    assert roles_of(tenant, _user_of(tenant)) == {labs: ("member",)}


def test_an_account_of_another_kind_confirms_and_accepts(
    make: Factory, begin: Begin, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta, jane = meet(tenant, "okta", company), make.user(tenant, JANE)
    made = invite(tenant, company, JANE, roles=["admin"])
    visitor = begin(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor)
    assert state_of(tenant, made) == "open"
    browser.submit(password=PASSWORD)
    assert state_of(tenant, made) == "accepted"
    assert roles_of(tenant, jane.id) == {company: ("admin",)}
