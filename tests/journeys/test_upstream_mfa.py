"""Whether a provider's second factor counts here is what its connection says (I10, M09)."""

import json

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import write
from app.directory import organizations_policy
from app.directory.settings import OrganizationPolicy
from app.models import User
from tests.doubles.oidc_people import PEOPLE
from tests.factories import Factory
from tests.journeys.federation import Meet
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, Visit

ONE, TWO = "urn:authpage:acr:1fa", "urn:authpage:acr:2fa"
TOLD = ["pwd", "mfa", "otp"]
APPS = {"second": ["totp"]}


@pytest.mark.parametrize(
    ("trusted", "told", "is_enough"),
    [(True, TOLD, True), (False, TOLD, False), (True, ["pwd"], False), (True, [], False)],
    ids=["trusted", "not-trusted", "one-factor", "untold"],
)
def test_a_provider_s_second_factor_counts_where_it_is_trusted(
    app: Flask,
    make: Factory,
    visit: Visit,
    meet: Meet,
    trusted: bool,
    told: list[str],
    is_enough: bool,
) -> None:
    tenant = make.tenant(policy={"mfa": "required", "enrolments_put_off": 0}, methods=APPS)
    corp = meet(tenant, "custom_oidc", trusts_mfa=trusted)
    browser = corp.pass_through(visit(make.client(tenant)), amr=told)
    if not is_enough:
        assert (browser.screen, browser.actions) == ("enrol", {"enrol:totp", "restart"})
        return
    found = claims(app, browser)
    assert (found["acr"], found["amr"]) == (TWO, sorted({"fed", *TOLD}))


@pytest.mark.parametrize("trusted", [True, False])
def test_members_of_a_company_that_demands_two_factors(
    app: Flask, make: Factory, visit: Visit, meet: Meet, trusted: bool
) -> None:
    tenant = make.tenant(policy={"mfa": "off", "enrolments_put_off": 0}, methods=APPS)
    company = make.organization(tenant, "Corp")
    make.domain(tenant, company, "acme.example")
    asked = OrganizationPolicy(mfa="required", sso="domain")
    with write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, company, asked)
    okta = meet(tenant, "okta", company, trusts_mfa=trusted)
    client = make.client(tenant)
    for _ in range(2):  # Once as somebody new, once as a member.
        visitor = visit(client)
        visitor.submit(email="jane@acme.example")
        browser = okta.pass_through(visitor, amr=TOLD)
        if trusted:
            found = claims(app, browser)
            assert (found["org_id"], found["acr"]) == (company, TWO)
        else:
            assert browser.screen == "enrol"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_client_that_insists_on_two_factors(
    app: Flask, make: Factory, visit: Visit, meet: Meet, trusted: bool
) -> None:
    tenant = make.tenant(policy={"mfa": "off"}, methods=APPS)
    google = meet(tenant, "google", trusts_mfa=trusted)
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO]}}})
    browser = google.pass_through(visit(make.client(tenant), claims=essential), amr=TOLD)
    if trusted:
        assert claims(app, browser)["acr"] == TWO
    else:
        assert browser.screen == "enrol"


def test_m07_a_live_session_is_strengthened_by_its_own_identity_alone(
    app: Flask, make: Factory, meet: Meet
) -> None:
    tenant = make.tenant(policy={"mfa": "off"}, methods=APPS)
    google = meet(tenant, "google", trusts_mfa=True)
    browser = HtmlVisitor(app, make.client(tenant))
    browser.open()
    assert claims(app, google.pass_through(browser, amr=["pwd"]))["acr"] == ONE
    clock.move(3_600)
    browser.open(claims=json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO]}}}))
    assert google.action in browser.actions, browser.screen
    google.pass_through(browser, amr=TOLD, sub="somebody-else", email="other@acme.example")
    assert browser.message == "error.upstream_somebody_else"
    assert len(rows(User, tenant)) == 1
    google.provider.script.person.update(PEOPLE["google"])
    google.pass_through(browser)
    assert claims(app, browser)["acr"] == TWO
