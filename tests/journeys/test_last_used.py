"""The way in that was used last on a browser is offered first there, and tells of nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.account import devices
from app.account.owner import Owner
from app.actor import CLI, Actor
from app.database import write
from app.directory import connections, organizations_policy, settings_store
from app.directory.tenants import Tenant
from app.models import Session
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.federation import Meet
from tests.journeys.moves import rows
from tests.visitors import HtmlVisitor, authorization

BOTH = {"sign_in": ["password", "email_code"]}
UI_URL = "https://app.example/sign-in"


class Device(HtmlVisitor):
    """A browser that comes back to the same client."""

    def come_back(self) -> "Device":
        """A new flow, whoever is signed in."""
        self.open(prompt="login")
        return self

    @property
    def marked(self) -> list[str]:
        """The actions that the screen says were used last."""
        return [each.get("value") for each in self._buttons if each.findall(".//*[@class='badge']")]

    @property
    def first(self) -> str:
        """The first way that the page offers."""
        return str(self._buttons[0].get("value"))

    @property
    def is_shown_as_last(self) -> bool:
        """Whether the screen itself is what was used last."""
        return any(each.get("class") == "last-used" for each in self.page.all("p"))

    @property
    def _buttons(self) -> list[Any]:
        return [each for each in self.page.all("button") if each.get("name") == "action"]

    def by_code(self, make: Factory, tenant: Tenant, user: MadeUser) -> None:
        """Sign in by a mailed code."""
        self.submit(email=user.email)
        if self.screen == "password":
            self.submit("use:email_code")
        self.submit(code=make.code(tenant, user.email))
        assert self.answer is not None, (self.screen, self.errors)


def _at(app: Flask, client: MadeClient) -> Device:
    device = Device(app, client)
    device.open()
    return device


def _owner(tenant: Tenant, user: MadeUser, session_id: str) -> Owner:
    actor = Actor("user", user.id)
    return Owner(tenant, actor, user.id, session_id, auth_time=0, acr=None, locale="en")


def test_a_provider_comes_first_once_it_was_used_and_outlives_the_sign_out(
    app: Flask, make: Factory, meet: Meet
) -> None:
    tenant = make.tenant()
    client, google, github = make.client(tenant), meet(tenant), meet(tenant, "github")
    device = _at(app, client)
    assert (device.first, device.marked) == ("continue", [])
    github.pass_through(device)
    for _ in range(2):
        device.come_back()
        assert (device.first, device.marked) == (github.action, [github.action])
        assert google.action in device.actions
        device.follow(device.get(f"{device.base}/sign-out"))
        device.http.post(f"{device.base}/sign-out", data={"csrf_token": device.page.csrf_token})
    assert [each.ended_at is None for each in rows(Session, tenant)] == [False]


def test_a_method_comes_first_for_whoever_comes_next_known_or_not(
    app: Flask, make: Factory
) -> None:
    tenant = make.tenant(methods=BOTH)
    jane, device = make.user(tenant), _at(app, make.client(tenant))
    device.by_code(make, tenant, jane)
    for address in (jane.email, "nobody@example.com", make.user(tenant).email):
        device.come_back()
        assert device.marked == []
        device.submit(email=address)
        assert (device.screen, device.is_shown_as_last) == ("email_code", True)
    device.submit("use:password")
    assert (device.screen, device.is_shown_as_last) == ("password", False)
    assert device.marked == ["use:email_code"]


def test_a_password_that_was_just_made_is_what_one_comes_in_by(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods={**BOTH, "sign_in": ["email_code", "password"]})
    device = _at(app, make.client(tenant))
    device.submit("sign_up")
    device.submit(email="new@example.com", display_name="New", password=PASSWORD)
    device.submit(code=make.code(tenant, "new@example.com"))
    assert device.answer is not None, (device.screen, device.errors)
    device.come_back()
    device.submit(email="new@example.com")
    assert (device.screen, device.is_shown_as_last) == ("password", True)


def test_what_was_taken_away_is_offered_no_more(app: Flask, make: Factory, meet: Meet) -> None:
    tenant = make.tenant(methods=BOTH)
    client, google, jane = make.client(tenant), meet(tenant), make.user(tenant)
    by_google, by_code = _at(app, client), _at(app, client)
    google.pass_through(by_google)
    by_code.by_code(make, tenant, jane)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "methods", {"sign_in": ["password"]})
        connections.set_status(session, CLI, google.connection.id, "disabled")
    by_google.come_back()
    assert (by_google.first, by_google.marked) == ("continue", [])
    assert google.action not in by_google.actions
    by_code.come_back()
    by_code.submit(email=jane.email)
    assert (by_code.screen, by_code.is_shown_as_last) == ("password", False)


def test_a_company_s_provider_is_offered_first_until_the_company_switches_it_off(
    app: Flask, make: Factory, meet: Meet
) -> None:
    tenant = make.tenant()
    company = make.organization(tenant, "Acme")
    make.domain(tenant, company, "acme.example", "optional")
    okta = meet(tenant, "okta", company)
    device, stranger = _at(app, make.client(tenant)), _at(app, make.client(tenant))
    device.submit(email="jane@acme.example")
    okta.pass_through(device)
    device.come_back()
    assert (device.first, device.marked) == (okta.action, [okta.action])
    stranger.come_back()
    assert okta.action not in stranger.actions
    device.submit(email="joe@acme.example")
    assert (device.screen, device.marked) == ("realm", [okta.action])
    with write(tenant.id) as session:
        policy = organizations_policy.parse({"sso": "off"})
        organizations_policy.set_policy(session, CLI, company, policy)
    assert okta.action not in device.come_back().actions


def test_another_browser_and_another_tenant_know_nothing(
    app: Flask, make: Factory, meet: Meet
) -> None:
    tenant, other = make.tenant(), make.tenant()
    google, theirs = meet(tenant), meet(other)
    device = _at(app, make.client(tenant))
    google.pass_through(device)
    device.client, device.base = make.client(other), other.base_url
    assert (device.come_back().first, device.marked) == ("continue", [])
    assert theirs.action in device.actions
    url = device.form_url
    device.client, device.base = make.client(tenant), tenant.base_url
    assert device.come_back().marked == [google.action]
    # What began here goes on elsewhere as what it is there.
    elsewhere = _at(app, make.client(tenant))
    elsewhere.follow(elsewhere.get(device.form_url))
    assert (elsewhere.screen, elsewhere.marked) == ("identify", [])
    assert url != device.form_url


@pytest.mark.parametrize("end", ["one", "others", "all"])
def test_a_device_that_is_signed_out_from_afar_forgets_it(
    app: Flask, make: Factory, end: str
) -> None:
    tenant = make.tenant(methods=BOTH)
    jane, client = make.user(tenant), make.client(tenant)
    lost, own = _at(app, client), _at(app, client)
    lost.by_code(make, tenant, jane)
    own.by_code(make, tenant, jane)
    first, second = (each.id for each in rows(Session, tenant))
    owner = _owner(tenant, jane, second)
    ends: dict[str, Callable[[], object]] = {
        "one": lambda: devices.end(owner, first),
        "others": lambda: devices.end_others(owner),
        "all": lambda: devices.end_all(owner),
    }
    ends[end]()
    shown = {}
    for name, device in (("lost", lost), ("own", own)):
        device.come_back()
        device.submit(email=jane.email)
        shown[name] = device.screen
    assert shown == {"lost": "password", "own": "password" if end == "all" else "email_code"}


def test_pages_of_a_client_s_own_are_told_too(app: Flask, make: Factory, meet: Meet) -> None:
    tenant = make.tenant()
    google, device = meet(tenant), _at(app, make.client(tenant))
    google.pass_through(device)
    own = make.client(tenant, ui_url=UI_URL)
    asked = authorization(own, prompt="login")
    begun = device.get(f"{device.base}/oauth2/authorize", query_string=asked)
    flow, request = begun.headers["Location"].removeprefix(f"{UI_URL}?flow=").split("&request=")
    taken = app.test_client().post(
        f"{device.base}/headless/v1/flows/{flow}/take-over", json={"request": request}
    )
    first = taken.get_json()["screen"]["actions"][0]
    assert (first["name"], first["provider"], first["last_used"]) == (google.action, "google", True)
    fresh = app.test_client().post(
        f"{device.base}/headless/v1/flows", json={"authorize": authorization(own)}
    )
    assert [each["last_used"] for each in fresh.get_json()["screen"]["actions"]].count(True) == 0
