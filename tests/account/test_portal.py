"""The portal by hand: profile, devices, apps, organizations, accounts, data."""

import json

from flask import Flask

from app.database import read
from app.directory import people
from tests.account.resident import Resident, resident
from tests.factories import Factory

SECTIONS = (
    "",
    "/security",
    "/devices",
    "/apps",
    "/organizations",
    "/activity",
    "/data",
    "/profile",
)


def test_every_section_opens_and_names_itself(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    for path in SECTIONS:
        person.go(path)
        assert person.status == 200, path
        links = [each for each in person.page.all("a") if each.get("aria-current") == "page"]
        assert len(links) == 1, path


def test_nobody_is_asked_for_an_organization_at_their_own_account(
    app: Flask, make: Factory
) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(tenant, name, user)
    person = Resident(app, make.client(tenant), user)
    assert person.shows(user.email)


def test_nobody_else_gets_in(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    person.http.delete_cookie("authpage_session", path=f"/t/{person.client.tenant.slug}")
    for path in SECTIONS:
        answer = person.get(f"{person.base}/account{path}")
        assert answer.status_code == 303, path
        assert "/flow/" in answer.headers["Location"], path


def test_name_and_language_are_kept(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    person.go("/profile")
    person.submit(display_name="Jane <b>Roe</b>", language="de")
    assert person.told == "account.told.profile_changed"
    assert "Jane &lt;b&gt;Roe&lt;/b&gt;" in person.text
    with read(person.client.tenant.id) as session:
        found = people.snapshot_of(session, person.user.id)
    assert found
    assert (found.display_name, found.locale) == ("Jane <b>Roe</b>", "de")
    person.go("/profile")
    person.submit(display_name="x" * 300, language="xx")
    assert person.status == 422


def test_f10_a_device_signed_out_is_out_at_once(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    elsewhere = Resident(app, person.client, person.user)
    person.go("/devices")
    sessions = [
        each.get("value") for each in person.page.all("input") if each.get("name") == "session"
    ]
    (other,) = [each for each in sessions if each not in _menu(person)]
    person.press("/sessions/end", session=other)
    assert person.told == "account.told.session_ended"
    assert elsewhere.get(f"{elsewhere.base}/account").status_code == 303
    assert person.get(f"{person.base}/account").status_code == 200


def _menu(person: Resident) -> list[str]:
    """The sessions that the account menu offers."""
    return [
        each.get("value")
        for form in person.page.all("form")
        if (form.get("action") or "").endswith("/accounts/switch")
        for each in form.iter("input")
        if each.get("name") == "session"
    ]


def test_all_other_devices_go_and_this_one_stays(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    others = [Resident(app, person.client, person.user) for _ in range(2)]
    person.go("/devices")
    person.press("/sessions/end-others")
    assert [each.get(f"{each.base}/account").status_code for each in others] == [303, 303]
    assert person.get(f"{person.base}/account").status_code == 200


def test_one_of_several_accounts_is_chosen(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    other = make.user(person.client.tenant, display_name="Layla")
    person.go()
    person.press("/accounts/add")
    if person.screen == "choose_account":
        person.submit("another_account")
    person.pass_flow(other)
    assert person.url == f"{person.base}/account"
    assert other.email in person.text
    (former,) = _menu(person)
    person.press("/accounts/switch", session=former)
    person.go()
    assert person.user.email in person.text
    assert person.send("/accounts/switch", session="ses_unknown").status_code == 404


def test_organizations_are_made_joined_and_left(app: Flask, make: Factory) -> None:
    rules = {"creation_open": True, "joining_open": True}
    person = resident(app, make, organizations=rules)
    make.organization(person.client.tenant, "Northwind Labs", joinable=True)
    make.organization(person.client.tenant, "Closed Club")
    person.go("/organizations/new")
    person.submit(name="My Own")
    assert person.told == "account.told.organization_created"
    person.go("/organizations/join")
    person.submit(organization="closed-club")
    closed = (person.status, person.errors)
    person.submit(organization="no-such-club")
    assert closed == (422, {"organization": "error.organization_unknown"})
    assert (person.status, person.errors) == closed, "What is closed looks like what is not there."
    person.submit(organization="northwind-labs")
    assert person.told == "account.told.organization_joined"
    leave = [
        each.get("href") for each in person.page.all("a") if "/leave" in (each.get("href") or "")
    ]
    person.follow(person.get("/".join(person.base.split("/")[:3]) + leave[0]))
    person.submit()
    assert person.told == "account.told.organization_left"
    closed_tenant = resident(app, make)
    assert closed_tenant.send("/organizations/new", name="x").status_code == 404


def test_data_are_downloaded_and_the_account_is_deleted_and_kept(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    person.go("/data")
    answer = person.send("/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.data)["profile"]["id"] == person.user.id
    person.go("/delete")
    person.submit()
    assert person.told == "account.told.deletion_asked"
    person.press("/delete/cancel")
    assert person.told == "account.told.deletion_cancelled"


def test_a_username_is_chosen_once_in_a_tenant(app: Flask, make: Factory) -> None:
    person = resident(app, make, identifiers={"username": "optional"})
    person.go("/username")
    person.submit(username="jane.doe")
    assert person.told == "account.told.username_changed"
    other = Resident(app, person.client, make.user(person.client.tenant))
    other.go("/username")
    other.submit(username="Jane.Doe")
    assert (other.status, other.errors) == (422, {"username": "error.username_taken"})
    assert other.value("username") == "Jane.Doe"
    other.submit(username="a b")
    assert other.errors == {"username": "error.username_invalid"}
