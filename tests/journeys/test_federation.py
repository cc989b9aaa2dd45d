"""Signing in with others: whom the linking table lets in, whom it asks, and whom it refuses."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import read, write
from app.directory import connections, linked_identities, people, people_status
from app.directory.tenants import Tenant
from app.models import Membership, Session, User
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import REMOVED
from tests.factories import PASSWORD, Factory, MadeUser
from tests.journeys.federation import Meet
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, JsonVisitor, Visit

JANE = "jane@acme.example"


def _linked(tenant: Tenant, user_id: str) -> list[str]:
    with read(tenant.id) as session:
        return [each.subject for each in linked_identities.of_user(session, user_id)]


def _user_of(tenant: Tenant, email: str = JANE) -> str | None:
    with read(tenant.id) as session:
        found = people.find_by_email(session, email)
        return found.user_id if found else None


def test_somebody_new_is_signed_up_and_known_from_then_on(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    client, google = make.client(tenant), meet(tenant)
    browser = google.pass_through(visit(client))
    first = claims(app, browser)
    with read(tenant.id) as session:
        person = people.find_by_email(session, JANE)
    assert person is not None
    assert (person.user_id, person.email_verified) == (first["sub"], True)
    assert person.display_name == "Jane Doe"
    assert (first["amr"], first["acr"]) == (["fed"], "urn:authpage:acr:1fa")
    assert make.mails(tenant) == []
    second = claims(app, google.pass_through(visit(client), email="renamed@acme.example"))
    assert second["sub"] == first["sub"]
    assert len(rows(User, tenant)) == 1


def test_a08_the_subject_counts_exactly_as_it_is_written(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    client, google = make.client(tenant), meet(tenant)
    first = claims(app, google.pass_through(visit(client), sub="Abc"))
    other = {"sub": "abc", "email": "other@acme.example"}
    assert claims(app, google.pass_through(visit(client), **other))["sub"] != first["sub"]


def test_a05_an_owner_confirms_before_the_two_are_tied(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, JANE)
    client, google = make.client(tenant), meet(tenant)
    browser = google.pass_through(visit(client))
    assert (browser.screen, browser.message) == ("password", "link.confirm")
    assert _linked(tenant, jane.id) == []
    browser.submit(password="wrong horse")
    assert _linked(tenant, jane.id) == []
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == jane.id
    assert len(_linked(tenant, jane.id)) == 1
    again = google.pass_through(visit(client))
    assert claims(app, again)["sub"] == jane.id


def test_a09_another_account_than_the_address_is_never_tied(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    jane, mallory = make.user(tenant, JANE), make.user(tenant)
    google = meet(tenant)
    browser = google.pass_through(visit(make.client(tenant)))
    browser.submit("change")
    browser.submit(email=mallory.email)
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == mallory.id
    assert _linked(tenant, jane.id) == _linked(tenant, mallory.id) == []


@pytest.mark.parametrize("said", [REMOVED, False, "false", 0, 1, "true"], ids=str)
def test_a05_an_address_that_nobody_vouches_for_is_proven_first(
    make: Factory, visit: Visit, meet: Meet, said: object
) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, JANE)
    google = meet(tenant)
    google.provider.script.changed["email_verified"] = said
    browser = google.pass_through(visit(make.client(tenant)))
    assert browser.screen == "sign_up"
    assert browser.value("email") == JANE
    browser.submit(email=JANE)
    assert browser.screen == "email_code"
    assert not _linked(tenant, jane.id)
    browser.submit(code=make.code(tenant, JANE))
    assert browser.answer is not None
    assert len(_linked(tenant, jane.id)) == 1


def test_a01_what_an_unproven_account_held_goes(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    planted = make.user(tenant, JANE, verified=False)
    client, google = make.client(tenant), meet(tenant)
    assert claims(app, google.pass_through(visit(client)))["sub"] == planted.id
    thief = visit(client)
    thief.submit(email=JANE)
    thief.submit(password=PASSWORD)
    assert thief.answer is None
    assert thief.status == 422


def test_a_disabled_account_is_refused(make: Factory, visit: Visit, meet: Meet) -> None:
    tenant = make.tenant()
    client, google = make.client(tenant), meet(tenant)
    google.pass_through(visit(client))
    with write(tenant.id) as session:
        people_status.disable(session, CLI, _user_of(tenant) or "")
    browser = google.pass_through(visit(client))
    assert (browser.screen, browser.message) == ("identify", "error.account_disabled")


def test_a_person_who_declines_is_back_with_the_other_ways(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    google.provider.script.redirect = {"error": "access_denied", "code": REMOVED}
    browser = google.pass_through(visit(make.client(tenant)))
    assert (browser.screen, browser.message) == ("identify", "error.upstream_cancelled")
    assert google.action in browser.actions


def test_i08_a_provider_that_is_away_leaves_the_other_ways(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    google.provider.script.answers["token"] = (500, "text/html", b"<h1>oops</h1>")
    browser = google.pass_through(visit(make.client(tenant)))
    assert browser.screen == "identify"
    assert browser.message in ("error.upstream_away", "error.upstream_failed")


def test_i03_an_answer_counts_once(make: Factory, visit: Visit, meet: Meet) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    browser, url = google.leave(visit(make.client(tenant)))
    returned = oidc_browser.visit(url)
    google.come_back(browser, returned)
    assert browser.answer is not None
    again = browser.get(returned.target, query_string=returned.parameters)
    assert again.status_code == 303
    assert len(rows(Session, tenant)) == 1


def test_i01_no_other_browser_takes_an_answer(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    client = make.client(tenant)
    _, url = google.leave(visit(client))
    returned = oidc_browser.visit(url)
    stranger = HtmlVisitor(app, client)
    answer = stranger.get(returned.target, query_string=returned.parameters)
    assert answer.status_code == 403
    assert rows(Session, tenant) == []


def test_i01_an_answer_for_another_connection_is_not_taken(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google, other = meet(tenant), meet(tenant, "custom_oidc")
    browser, url = google.leave(visit(make.client(tenant)))
    returned = oidc_browser.visit(url)
    elsewhere = returned.target.replace(google.connection.id, other.connection.id)
    browser.follow(browser.get(elsewhere, query_string=returned.parameters))
    assert browser.screen == "upstream"
    assert rows(Session, tenant) == []


def test_i06_a_connection_that_was_switched_off_lets_nobody_in(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    browser, url = google.leave(visit(make.client(tenant)))
    with write(tenant.id) as session:
        connections.set_status(session, CLI, google.connection.id, "disabled")
    google.come_back(browser, oidc_browser.visit(url))
    assert browser.screen == "identify"
    assert google.action not in browser.actions
    assert rows(Session, tenant) == []


def test_the_way_back_from_the_provider_is_a_page(make: Factory, visit: Visit, meet: Meet) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    google = meet(tenant)
    visitor = visit(make.client(tenant))
    google.leave(visitor)
    if isinstance(visitor, JsonVisitor):
        return
    visitor.follow(visitor.get(visitor.url))
    assert visitor.screen == "upstream"
    visitor.submit("another_way")
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def _company(
    make: Factory, tenant: Tenant, sso: str = "domain", domain: str = "acme.example"
) -> str:
    company = make.organization(tenant, "Corp")
    make.domain(tenant, company, domain, sso)
    return company


def test_a_company_s_people_come_in_by_its_provider_as_members(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    visitor = visit(make.client(tenant))
    visitor.submit(email=JANE)
    assert visitor.screen == "realm"
    found = claims(app, okta.pass_through(visitor))
    assert found["sub"] == _user_of(tenant)
    assert found["org_id"] == company
    assert [row.roles for row in rows(Membership, tenant)] == [["member"]]
    assert make.mails(tenant) == []


def test_a13_a_company_s_provider_speaks_only_for_its_domains(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    victim = make.user(tenant, "ceo@elsewhere.example")
    visitor = visit(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor, email=victim.email)
    assert (browser.screen, browser.message) == ("identify", "error.upstream_not_allowed")
    assert _linked(tenant, victim.id) == []
    assert rows(Session, tenant) == []


def test_a13_an_account_that_was_there_before_confirms_by_its_own_way(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    jane: MadeUser = make.user(tenant, JANE)
    visitor = visit(make.client(tenant))
    visitor.submit(email=JANE)
    browser = okta.pass_through(visitor)
    assert (browser.screen, browser.message) == ("password", "link.confirm")
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == jane.id
    assert len(_linked(tenant, jane.id)) == 1


def test_a13_a_new_issuer_unlinks(app: Flask, make: Factory, visit: Visit, meet: Meet) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    okta = meet(tenant, "okta", company)
    client = make.client(tenant)
    visitor = visit(client)
    visitor.submit(email=JANE)
    okta.pass_through(visitor)
    user_id = _user_of(tenant) or ""
    assert len(_linked(tenant, user_id)) == 1
    settings = okta.connection.settings.model_copy(update={"issuer": "https://other.example"})
    with write(tenant.id) as session:
        connections.update(session, CLI, okta.connection.id, settings=settings)
    assert _linked(tenant, user_id) == []


def test_groups_give_roles_that_come_and_go(make: Factory, visit: Visit, meet: Meet) -> None:
    tenant = make.tenant()
    company = _company(make, tenant)
    mapping = {"groups": "groups"}
    okta = meet(tenant, "okta", company, role_of_group={"admins": "admin"})
    settings = okta.connection.settings
    changed = settings.model_copy(update={"mapping": settings.mapping.model_copy(update=mapping)})
    with write(tenant.id) as session:
        connections.update(session, CLI, okta.connection.id, settings=changed)
    client = make.client(tenant)
    came = ("admins", ["admin"]), ("staff", ["member"]), ("admins", ["member", "admin"])
    for group, roles in came:
        visitor = visit(client)
        visitor.submit(email=JANE)
        okta.pass_through(visitor, groups=[group])
        assert [row.roles for row in rows(Membership, tenant)] == [roles]
