"""How admins come in: the first by a one-time link, others by invitation, all by the sign-in of the
console's tenant."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.actor import CLI
from app.database import EVERYWHERE, read, write
from app.directory import admins, console, first_admin
from app.directory.tenants import Tenant
from app.extensions import db
from tests.console.staff import Staff
from tests.factories import Factory
from tests.journeys.second import code_of
from tests.visitors import CHROME, Page

LINK = re.compile(r"http://localhost:8000(\S+)")


class Newcomer:
    """Somebody at a browser without JavaScript, who is nobody yet."""

    def __init__(self, app: Flask, here: Tenant) -> None:
        self.http, self.base = app.test_client(), here.base_url
        self.page, self.status, self.url = Page(""), 0, ""

    def go(self, url: str) -> None:
        self._follow(self.http.get(url, headers={"User-Agent": CHROME}))

    def post(self, url: str, **fields: str) -> None:
        headers = {"Origin": "http://localhost:8000", "User-Agent": CHROME}
        data = {"csrf_token": self.page.csrf_token, **fields}
        self._follow(self.http.post(url, data=data, headers=headers))

    def answer(self, action: str, **fields: str) -> None:
        """Press a button of the flow's screen."""
        hidden = {
            each.get("name"): each.get("value") or ""
            for each in self.page.all("input")
            if each.get("type") == "hidden" and each.get("name")
        }
        self.post(self.url, **{**hidden, "action": action, **fields})

    @property
    def words(self) -> str:
        return " ".join(self.page.tree.text_content().split())

    @property
    def screen(self) -> str | None:
        found = self.page.by_id("answer")
        return None if found is None else found.get("data-screen")

    def _follow(self, response: TestResponse) -> None:
        for _ in range(12):
            self.status, self.url = response.status_code, response.request.url
            self.page = Page(response.get_data(as_text=True))
            target = response.headers.get("Location") or self.page.refresh_url
            if target is None:
                return
            url = target if "://" in target else f"http://localhost:8000{target}"
            response = self.http.get(url, headers={"User-Agent": CHROME})
        raise AssertionError("too many redirects")


@pytest.fixture
def here(make: Factory) -> Tenant:
    return console.prepare()


@pytest.fixture
def newcomer(app: Flask, here: Tenant) -> Newcomer:
    return Newcomer(app, here)


def _nobody_is_there(here: Tenant) -> None:
    """The tests of this file share the console with all others, who have their admins there."""
    with db.engine.begin() as connection:
        connection.execution_options(authpage_migration=True).exec_driver_sql(
            "DELETE FROM admin_role"
        )


def _prove(newcomer: Newcomer, make: Factory, here: Tenant, email: str) -> None:
    """By a mailed code, and an authenticator app that is set up on the way."""
    assert newcomer.screen == "email_code", newcomer.words
    newcomer.answer("continue", code=make.code(here, email))
    _set_up_an_authenticator(newcomer)


def _set_up_an_authenticator(newcomer: Newcomer) -> None:
    if newcomer.screen == "create_passkey":
        newcomer.answer("other_factor")
    if newcomer.screen == "enrol":
        newcomer.answer("enrol:totp")
    assert newcomer.screen == "enrol_totp", newcomer.words
    (shown,) = newcomer.page.tree.xpath("//p[@class='secret']/code")
    newcomer.answer("continue", code=code_of("".join(shown.text.split())))
    assert newcomer.screen == "recovery_codes", newcomer.words
    newcomer.answer("continue", saved="yes")


def test_x10_the_first_admin_is_made_by_a_link_that_works_once(
    make: Factory, newcomer: Newcomer, here: Tenant
) -> None:
    _nobody_is_there(here)
    with write(here.id) as session:
        token = first_admin.link(session, CLI, here)
    newcomer.go(f"{here.base_url}/console/first?token={token}")
    assert "token" not in newcomer.url
    email = f"{token[4:20]}@acme.example"
    newcomer.post(newcomer.url, name="Ada", email="nothing")
    assert newcomer.status == 422
    newcomer.post(newcomer.url, name="Ada", email=email)
    assert newcomer.screen == "identify"
    newcomer.answer("continue", email=email)
    _prove(newcomer, make, here, email)
    assert newcomer.url == f"{here.base_url}/console/tenants"
    assert email in newcomer.words
    again = Newcomer(newcomer.http.application, here)
    again.go(f"{here.base_url}/console/first?token={token}")
    assert again.status == 410
    assert not first_admin.is_wanted(here)


def test_x10_a_link_is_worth_nothing_when_it_is_old_or_a_newer_one_was_made(
    newcomer: Newcomer, here: Tenant
) -> None:
    _nobody_is_there(here)
    with write(here.id) as session:
        old = first_admin.link(session, CLI, here)
    with write(here.id) as session:
        token = first_admin.link(session, CLI, here)
    newcomer.go(f"{here.base_url}/console/first?token={old}")
    assert newcomer.status == 410
    newcomer.go(f"{here.base_url}/console/first?token={token}")
    assert newcomer.status == 200
    clock.move(first_admin.LIVES + 1)
    newcomer.go(f"{here.base_url}/console/first?token={token}")
    assert newcomer.status == 410


def test_whoever_is_invited_comes_in_by_the_mail_and_nobody_else_does(
    app: Flask, make: Factory, newcomer: Newcomer, here: Tenant, staff: Staff
) -> None:
    email = f"new.{staff.email}"
    staff.press("/admins/new", email=email, role="support")
    (link,) = [
        str(payload.values["link"])
        for purpose, payload in make.mails(here)
        if purpose == "invitation" and payload.to == email
    ]
    newcomer.go(link)
    newcomer.post(newcomer.url)
    assert newcomer.screen == "sign_up", newcomer.words
    newcomer.answer("continue", name="Sam")
    _set_up_an_authenticator(newcomer)
    newcomer.go(f"{here.base_url}/console")
    assert newcomer.url.startswith(staff.base), newcomer.url
    with read(EVERYWHERE) as session:
        (role,) = [
            each for each in admins.list_of(session, here, staff.tenant.id) if each.email == email
        ]
    assert role.user_id is not None


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(
    newcomer: Newcomer, staff: Staff, here: Tenant
) -> None:
    answer = staff.http.get(f"{here.base_url}/console/sign-in")
    asked = parse_qsl(urlsplit(answer.headers["Location"]).query)
    code = f"{here.base_url}/console/callback?code=x&state={dict(asked)['state']}&iss={here.issuer}"
    newcomer.go(code)
    assert newcomer.status == 400
    newcomer.go(f"{here.base_url}/console/callback?error=access_denied&state=x")
    assert newcomer.status == 403


def test_who_leaves_the_console_is_signed_out(staff: Staff) -> None:
    headers = {"Origin": "http://localhost:8000"}
    data = {"csrf_token": staff.csrf_token}
    left = staff.http.post(f"{staff.console.base_url}/console/leave", data=data, headers=headers)
    assert "/oauth2/logout" in left.headers["Location"]
    assert staff.get("/admins").status_code == 303


def test_the_console_of_the_base_host_is_where_it_lives(app: Flask, here: Tenant) -> None:
    answer = app.test_client().get("http://localhost:8000/console")
    assert answer.headers["Location"] == f"{here.base_url}/console"


def test_an_owner_of_everything_makes_a_tenant_and_nobody_else_does(
    app: Flask, staff: Staff
) -> None:
    url = f"{staff.console.base_url}/console/tenants/new"
    assert staff.http.get(url).status_code == 403
    owner = Staff(app, staff.tenant, everywhere=True)
    data = {"csrf_token": owner.csrf_token, "name": "Beta", "slug": "callback", "kind": "test"}
    headers = {"Origin": "http://localhost:8000"}
    assert owner.http.post(url, data=data, headers=headers).status_code == 422
    slug = f"beta-{staff.tenant.slug}"[:60].rstrip("-")
    made = owner.http.post(url, data={**data, "slug": slug}, headers=headers)
    assert made.headers["Location"].endswith(f"/console/{slug}")
    assert owner.http.get(made.headers["Location"]).status_code == 303
    assert staff.http.get(made.headers["Location"]).status_code == 404
