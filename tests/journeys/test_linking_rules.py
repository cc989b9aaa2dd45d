"""What the owner of an account is asked before a provider's word counts for it, and where no other
provider's word does (A09, A13)."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import read, write
from app.directory import connections, linked_identities
from app.directory.tenants import Tenant
from app.models import Flow, LinkedIdentity, Session, User
from tests.factories import PASSWORD, Factory
from tests.journeys.federation import Meet
from tests.journeys.moves import CODES_ONLY, claims, rows
from tests.journeys.second import code_of
from tests.journeys.test_sign_up_fields import TERMS
from tests.visitors import Visit

JANE = "jane@acme.example"


def _tenant(make: Factory) -> Tenant:
    """Where a second factor is asked of whoever has one."""
    return make.tenant(policy={"mfa": "optional"}, methods={"second": ["totp"]})


def _linked(tenant: Tenant, user_id: str) -> list[str]:
    with read(tenant.id) as session:
        return [each.subject for each in linked_identities.of_user(session, user_id)]


@pytest.mark.parametrize("trusted", [True, False])
def test_a13_nothing_is_tied_before_every_proof_that_the_account_asks(
    app: Flask, make: Factory, visit: Visit, meet: Meet, trusted: bool
) -> None:
    tenant = _tenant(make)
    jane = make.user(tenant, JANE)
    secret = make.authenticator(tenant, jane)
    google = meet(tenant, trusts_mfa=trusted)
    browser = google.pass_through(visit(make.client(tenant)), amr=["pwd", "mfa", "otp"])
    assert (browser.screen, browser.message) == ("password", "link.confirm")
    browser.submit(password=PASSWORD)
    assert browser.screen == "totp", "A stranger's second factor is none of Jane's."
    assert _linked(tenant, jane.id) == []
    browser.submit(code=code_of(secret))
    assert claims(app, browser)["sub"] == jane.id
    assert len(_linked(tenant, jane.id)) == 1
    assert make.events(tenant).count("identity.linked") == 1


def test_a13_an_address_that_is_typed_and_proven_ties_at_the_end_too(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = _tenant(make)
    jane = make.user(tenant, JANE)
    secret = make.authenticator(tenant, jane)
    google = meet(tenant)
    browser = google.pass_through(visit(make.client(tenant)), email_verified=False)
    browser.submit(email=JANE)
    browser.submit(code=make.code(tenant, JANE))
    assert (browser.screen, _linked(tenant, jane.id)) == ("totp", [])
    browser.submit(code=code_of(secret))
    assert claims(app, browser)["sub"] == jane.id
    assert len(_linked(tenant, jane.id)) == 1


def test_a09_who_goes_on_as_somebody_else_takes_nothing_along(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = _tenant(make)
    jane, mallory = make.user(tenant, JANE), make.user(tenant)
    make.authenticator(tenant, jane)
    google = meet(tenant)
    browser = google.pass_through(visit(make.client(tenant)))
    browser.submit(password=PASSWORD)
    assert browser.screen == "totp"
    browser.submit("restart")
    browser.submit(email=mallory.email)
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == mallory.id
    assert _linked(tenant, jane.id) == _linked(tenant, mallory.id) == []
    (flow,) = (row for row in rows(Flow, tenant) if not row.is_headless)
    assert flow.facts.get("tying") is None


@pytest.mark.parametrize("vouched", [True, False])
def test_a13_nobody_signs_up_past_the_provider_of_their_domain(
    make: Factory, visit: Visit, meet: Meet, vouched: bool
) -> None:
    tenant = make.tenant()
    corp = make.organization(tenant, "Corp")
    make.domain(tenant, corp, "acme.example")
    google, okta = meet(tenant), meet(tenant, "okta", corp)
    browser = google.pass_through(visit(make.client(tenant)), email_verified=vouched)
    if not vouched:
        assert browser.screen == "sign_up"
        browser.submit(email=JANE)
    assert browser.screen == "realm"
    assert browser.message == ("error.sso_required" if vouched else None)
    assert okta.action in browser.actions
    assert rows(User, tenant) == []
    assert make.mails(tenant) == []
    assert okta.pass_through(browser).answer is not None
    assert len(rows(User, tenant)) == 1


@pytest.mark.parametrize("what", ["repointed", "disabled"])
@pytest.mark.parametrize("who", ["new", "known"])
def test_a13_who_waits_while_the_connection_changes_is_tied_to_nothing(
    make: Factory, visit: Visit, meet: Meet, who: str, what: str
) -> None:
    tenant = make.tenant(sign_up={"fields": [TERMS]})
    if who == "known":
        make.user(tenant, JANE)
    google = meet(tenant)
    browser = google.pass_through(visit(make.client(tenant)))
    settings = google.connection.settings.model_copy(update={"issuer": "https://evil.example"})
    with write(tenant.id) as session:
        if what == "repointed":
            connections.update(session, CLI, google.connection.id, settings=settings)
        else:
            connections.set_status(session, CLI, google.connection.id, "disabled")
    browser.submit(**({"terms": "yes"} if who == "new" else {"password": PASSWORD}))
    assert (browser.status, browser.message) == (422, "error.connection_disabled")
    assert len(rows(User, tenant)) == (who == "known")
    assert (rows(LinkedIdentity, tenant), rows(Session, tenant)) == ([], [])


def test_a13_one_mailbox_is_not_two_factors_by_way_of_a_provider(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    methods = {**CODES_ONLY, "second": ["totp", "email_code"]}
    tenant = make.tenant(policy={"mfa": "optional"}, methods=methods)
    jane = make.user(tenant, JANE)
    make.authenticator(tenant, jane)
    browser = meet(tenant).pass_through(visit(make.client(tenant)))
    assert (browser.screen, browser.message) == ("email_code", "link.confirm")
    browser.submit(code=make.code(tenant, JANE))
    assert browser.screen == "totp"
    assert _linked(tenant, jane.id) == []


def test_a09_whose_address_is_taken_while_the_form_waits_signs_in_to_the_account(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant(sign_up={"fields": [TERMS]})
    browser = meet(tenant).pass_through(visit(make.client(tenant)))
    jane = make.user(tenant, JANE)
    browser.submit(terms="yes")
    assert (browser.screen, browser.message) == ("identify", "sign_up.account_exists")
    assert (browser.value("email"), _linked(tenant, jane.id)) == (JANE, [])
    browser.submit(email=JANE)
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == jane.id
