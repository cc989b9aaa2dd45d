"""Ways round the single sign-on that an organization asks for, and what waits while its word for a
domain ends: each of them closed."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import contacts, domain_claims
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from app.models import Session, User
from tests.factories import PASSWORD, Factory, MadeUser
from tests.journeys.federation import Meet
from tests.journeys.moves import CODES_ONLY, claims, rows
from tests.journeys.test_sign_up_fields import TERMS
from tests.visitors import HtmlVisitor, Visit, Visitor

OIDC = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}
JANE, PRIVATE, NUMBER = "jane@acme.example", "jane@private.example", "+14155550123"


def _company(make: Factory, tenant: Tenant, sso: str, *members: MadeUser) -> Connection:
    """Acme, which has proven its domain and asks single sign-on."""
    company = make.organization(tenant, "Acme", *members)
    make.domain(tenant, company, "acme.example", sso)
    return make.connection(tenant, OIDC, company)


def test_the_sign_up_form_leads_no_member_past_the_provider(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    _company(make, tenant, "members", make.user(tenant, PRIVATE))
    visitor = visit(make.client(tenant), prompt="create")
    visitor.submit(email=PRIVATE)
    visitor.submit(code=make.code(tenant, PRIVATE))
    assert (visitor.answer, visitor.screen) == (None, "upstream")
    assert rows(Session, tenant) == []


def test_the_sign_up_form_leads_nobody_in_by_their_number(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(
        identifiers={"email": "optional", "phone": "optional"},
        methods={"sign_in": ["sms_code"], "sign_up": []},
    )
    make.phone(tenant, make.user(tenant, JANE), NUMBER)
    _company(make, tenant, "domain")
    visitor = visit(make.client(tenant), prompt="create")
    visitor.submit(phone=NUMBER)
    visitor.submit(code=make.code(tenant, NUMBER))
    assert (visitor.answer, visitor.message) == (None, "error.sso_required")
    assert rows(Session, tenant) == []


@pytest.mark.parametrize("is_primary", [True, False])
def test_another_address_of_the_person_leads_round_nothing(
    make: Factory, visit: Visit, is_primary: bool
) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, JANE)
    _company(make, tenant, "domain")
    with write(tenant.id) as session:
        row_id = contacts.add(session, CLI, jane.id, parse_as("email", PRIVATE, "ZZ"))
        if is_primary:
            contacts.set_primary(session, CLI, jane.id, row_id)
    visitor = visit(make.client(tenant))
    visitor.submit(email=PRIVATE)
    visitor.submit(password=PASSWORD)
    assert (visitor.answer, visitor.message) == (None, "error.sso_required")
    assert rows(Session, tenant) == []


@pytest.mark.parametrize("is_known", [True, False])
def test_no_other_provider_has_a_code_sent_into_the_domain(
    make: Factory, visit: Visit, meet: Meet, is_known: bool
) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    if is_known:
        make.user(tenant, JANE)
    _company(make, tenant, "domain")
    browser = meet(tenant).pass_through(visit(make.client(tenant)))
    assert (browser.screen, browser.message) == ("realm", "error.sso_required")
    assert make.mails(tenant) == []


def _asked_for_terms(make: Factory, visit: Visit, meet: Meet) -> tuple[Tenant, str, Visitor]:
    """Somebody new of a company whose provider was asked, where nobody else may sign up."""
    tenant = make.tenant(sign_up={"fields": [TERMS]}, methods={"sign_up_open": False})
    company = make.organization(tenant, "Acme")
    make.domain(tenant, company, "acme.example")
    okta, visitor = meet(tenant, "okta", company), visit(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor)
    assert browser.screen == "sign_up"
    return tenant, company, browser


def test_a13_who_waits_while_the_domain_is_given_up_is_not_let_in(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant, company, browser = _asked_for_terms(make, visit, meet)
    with write(tenant.id) as session:
        (claim,) = domain_claims.list_all(session, company)
        domain_claims.remove(session, CLI, claim.id)
    browser.submit(terms="yes")
    assert (browser.status, browser.message) == (422, "error.upstream_not_allowed")
    assert rows(User, tenant) == []


def test_a09_who_turns_back_from_the_form_has_proven_nobody(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant, _, browser = _asked_for_terms(make, visit, meet)
    other = make.user(tenant, "other@example.com")
    browser.submit("change")
    assert browser.screen == "identify"
    browser.submit(email=other.email)
    assert (browser.screen, browser.answer) == ("password", None)
    assert rows(Session, tenant) == []


def test_a_live_session_leads_no_member_past_the_provider(
    app: Flask, make: Factory, meet: Meet
) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    jane = make.user(tenant, JANE)
    browser = HtmlVisitor(app, make.client(tenant))
    browser.open()
    browser.submit(email=JANE)
    browser.submit(code=make.code(tenant, JANE))
    assert "org_id" not in claims(app, browser)
    company = make.organization(tenant, "Acme", jane)
    make.domain(tenant, company, "acme.example", "members")
    okta = meet(tenant, "okta", company)
    browser.open(organization=company, prompt="none")
    assert browser.answer is not None
    assert browser.answer["error"] == "login_required"
    browser.open(organization=company)
    assert browser.screen == "upstream"
    browser.open(prompt="login", login_hint=JANE)
    browser.submit(email=JANE)
    okta.pass_through(browser)
    browser.submit(code=make.code(tenant, JANE))
    assert claims(app, browser)["org_id"] == company
    browser.open(organization=company, prompt="none")
    assert claims(app, browser)["org_id"] == company
