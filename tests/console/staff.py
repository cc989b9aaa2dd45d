"""Admins at the console, at browsers without JavaScript."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.actor import CLI, SYSTEM, Actor
from app.addresses import parse_email
from app.database import EVERYWHERE, write
from app.directory import admins, console, console_sessions, people, sessions
from app.directory.permissions import ORGANIZATION_ADMIN
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.visitors import CHROME, Page


class Staff:
    """One admin, signed in to the console, and the tenant that they work on. Paths begin behind
    the tenant's slug."""

    def __init__(
        self,
        app: Flask,
        tenant: Tenant,
        role: str = "owner",
        organization_id: str | None = None,
        *,
        everywhere: bool = False,
    ) -> None:
        self.app, self.tenant, self.console = app, tenant, console.prepare()
        self.email = f"{new_id('a').replace('_', '.')}@staff.example"
        self.role = ORGANIZATION_ADMIN if organization_id else role
        self.organization_id = organization_id
        self.everywhere = everywhere
        self.user_id = self._hired()
        self.http = app.test_client()
        self._sign_in()
        self.page = Page("")
        self.status = 0
        self.csrf_token = self._token()

    def __call__(self, role: str, organization_id: str | None = None) -> "Staff":
        """A colleague with another role."""
        return Staff(self.app, self.tenant, role, organization_id)

    @property
    def base(self) -> str:
        """Where the console's pages about the tenant begin."""
        return f"{self.console.base_url}/console/{self.tenant.slug}"

    def get(self, path: str, **query: Any) -> TestResponse:
        """Look at a page; where it leads on is not followed."""
        answer = self.http.get(
            f"{self.base}{path}", query_string=query or None, headers={"User-Agent": CHROME}
        )
        return self._seen(answer)

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with the token against forgery; where it leads is not followed."""
        data = {"csrf_token": self.csrf_token, **(fields or {}), **more}
        headers = {
            "User-Agent": CHROME,
            "Origin": "/".join(self.console.base_url.split("/")[:3]),
            "Sec-Fetch-Site": "same-origin",
        }
        return self._seen(self.http.post(f"{self.base}{path}", data=data, headers=headers))

    def follow(self, answer: TestResponse) -> TestResponse:
        """The page that an answer leads to."""
        assert answer.status_code == 303, (answer.status_code, self.errors, self.messages)
        return self._seen(self.http.get(answer.headers["Location"]))

    def press(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, and go where it leads."""
        return self.follow(self.post(path, fields, **more))

    @property
    def told(self) -> str | None:
        """The id of the sentence that says what was done."""
        found = self.page.by_id("told")
        return None if found is None else found.get("data-text")

    @property
    def errors(self) -> dict[str, str]:
        """Field -> id or sentence of its error."""
        found = [each for each in self.page.all("p") if (each.get("id") or "").endswith("-error")]
        return {each.get("id").removesuffix("-error"): each.get("data-text") for each in found}

    @property
    def messages(self) -> list[str]:
        """What is said above the form: ids or sentences."""
        found = [each for each in self.page.all("div") if "error" in (each.get("class") or "")]
        return [each.get("data-text") or "" for each in found]

    @property
    def words(self) -> str:
        """Everything that the page says."""
        return " ".join(self.page.tree.text_content().split())

    def grow_old(self, seconds: int = 3_600) -> None:
        """Let time pass since the sign-in."""
        clock.move(seconds)

    def _hired(self) -> str:
        address = parse_email(self.email)
        with write(self.console.id) as session:
            user_id = people.create(
                session, SYSTEM, email=address, email_verified=True, display_name="Ada Admin"
            )
        with write(EVERYWHERE) as session:
            admins.grant(
                session,
                CLI,
                self.console,
                self.email,
                self.role,
                administered_id=None if self.everywhere else self.tenant.id,
                organization_id=self.organization_id,
            )
        return user_id

    def _sign_in(self) -> None:
        self.session_id, value = console_session(self.console, self.user_id)
        self.http.set_cookie("authpage_console", value, domain="localhost", path="/t/console")

    def _token(self) -> str:
        self._seen(self.http.get(f"{self.console.base_url}/console/tenants"))
        return self.page.csrf_token

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.status = answer.status_code
        if answer.mimetype == "text/html":
            self.page = Page(answer.get_data(as_text=True))
        return answer


def console_session(here: Tenant, user_id: str) -> tuple[str, str]:
    """A fresh sign-in of that user at the console's tenant: the id of its session, and the value of
    the console's cookie."""
    actor = Actor("user", user_id, "192.0.2.7", CHROME)
    with write(here.id) as session:
        opened = sessions.open(
            session,
            actor,
            here,
            cookie_value=None,
            user_id=user_id,
            amr=["hwk", "user"],
            acr=None,
            auth_time=clock.now(),
        )
        value = console_sessions.open(
            session,
            actor,
            here,
            user_id=user_id,
            session_id=opened.session_id,
            auth_time=clock.now() // clock.SECOND,
        )
    return opened.session_id, value
