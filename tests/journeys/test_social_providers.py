"""SECURITY A05 to A07, I07 and I08: whole sign-ins by way of social providers, each with its own
ways of telling who somebody is."""

from typing import Any

import pytest
from flask import Flask

from app.database import read
from app.directory import linked_identities, people
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.models import User
from tests.doubles.oidc_provider import REMOVED
from tests.factories import PASSWORD, Factory
from tests.journeys.federation import Meet
from tests.journeys.moves import claims, rows
from tests.visitors import Visit

JANE = "jane@acme.example"
RELAY = "kx7f2@privaterelay.appleid.com"


@pytest.fixture
def tenant(make: Factory) -> Tenant:
    return make.tenant()


def _person(tenant: Tenant, email: str) -> Person:
    with read(tenant.id) as session:
        found = people.find_by_email(session, email)
    assert found is not None
    return found


def test_i07_apples_name_is_kept_from_the_first_time_and_its_relay_is_an_address(
    app: Flask, make: Factory, visit: Visit, meet: Meet, tenant: Tenant
) -> None:
    apple, client = meet(tenant, "apple"), make.client(tenant)
    first = claims(app, apple.pass_through(visit(client)))
    assert _person(tenant, RELAY).display_name == "Jane Doe"
    assert make.mails(tenant) == []
    second = claims(app, apple.pass_through(visit(client)))
    assert second["sub"] == first["sub"]
    assert _person(tenant, RELAY).display_name == "Jane Doe"


@pytest.mark.parametrize(
    ("preset", "changed"),
    [
        ("facebook", {"email": REMOVED}),
        ("github", {"addresses": []}),
        ("discord", {"email": None, "verified": False}),
    ],
)
def test_i07_who_has_no_address_there_adds_one_and_proves_it(
    app: Flask,
    make: Factory,
    visit: Visit,
    meet: Meet,
    tenant: Tenant,
    preset: str,
    changed: dict[str, Any],
) -> None:
    upstream, client = meet(tenant, preset), make.client(tenant)
    script = upstream.provider.script
    script.addresses = changed.get("addresses", script.addresses)
    script.userinfo = changed
    browser = upstream.pass_through(visit(client))
    assert (browser.screen, browser.value("email")) == ("sign_up", "")
    browser.submit(email=JANE)
    assert browser.screen == "email_code"
    browser.submit(code=make.code(tenant, JANE))
    first = claims(app, browser)
    person = _person(tenant, JANE)
    assert (person.user_id, person.email_verified) == (first["sub"], True)
    with read(tenant.id) as session:
        assert len(linked_identities.of_user(session, person.user_id)) == 1
    assert claims(app, upstream.pass_through(visit(client)))["sub"] == first["sub"]


def test_a07_a_renamed_account_at_github_stays_who_it_is(
    app: Flask, make: Factory, visit: Visit, meet: Meet, tenant: Tenant
) -> None:
    github, client = meet(tenant, "github"), make.client(tenant)
    first = claims(app, github.pass_through(visit(client)))
    assert _person(tenant, JANE).user_id == first["sub"]
    again = github.pass_through(visit(client), login="renamed")
    assert claims(app, again)["sub"] == first["sub"]
    assert len(rows(User, tenant)) == 1


def test_a06_microsofts_word_for_an_address_counts_only_where_it_verified_the_domain(
    app: Flask, make: Factory, visit: Visit, meet: Meet, tenant: Tenant
) -> None:
    jane = make.user(tenant, JANE)
    microsoft, client = meet(tenant, "microsoft"), make.client(tenant)
    browser = microsoft.pass_through(visit(client))
    assert browser.screen == "sign_up"
    browser = microsoft.pass_through(visit(client), xms_edov="1")
    assert (browser.screen, browser.message) == ("password", "link.confirm")
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == jane.id


@pytest.mark.parametrize("fault", ["500", "resets", "html"])
def test_i08_where_a_provider_cannot_even_be_asked_another_way_leads_on(
    app: Flask, make: Factory, visit: Visit, meet: Meet, tenant: Tenant, fault: str
) -> None:
    jane = make.user(tenant)
    google = meet(tenant)
    script = google.provider.script
    if fault == "resets":
        script.resets.add("discovery")
    else:
        status = 500 if fault == "500" else 200
        script.answers["discovery"] = (status, "text/html", b"<h1>Oops</h1>")
    visitor = visit(make.client(tenant))
    browser = google.set_off(visitor)
    assert (browser.screen, browser.message) == ("identify", "error.upstream_away")
    assert "Oops" not in browser.text
    browser.submit(email=jane.email)
    browser.submit(password=PASSWORD)
    assert claims(app, browser)["sub"] == jane.id
