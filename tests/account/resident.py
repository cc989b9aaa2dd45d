"""A person at the account portal, with a browser without JavaScript."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.actor import CLI
from app.database import write
from app.directory import settings_store
from tests.factories import Factory, MadeClient, MadeUser
from tests.visitors import HtmlVisitor


class Resident(HtmlVisitor):
    """Signed in to the portal by password."""

    def __init__(self, app: Flask, client: MadeClient, user: MadeUser) -> None:
        super().__init__(app, client)
        self.user = user
        self.sign_in(user)

    def sign_in(self, user: MadeUser) -> None:
        """Sign in at the portal's own door."""
        self.follow(self.get(f"{self.base}/account"))
        self.pass_flow(user)
        assert self.url == f"{self.base}/account", (self.screen, self.message, self.errors)

    def pass_flow(self, user: MadeUser) -> None:
        """Answer whatever flow stands in the way: address, then password."""
        if self.screen == "identify":
            self.submit(email=user.email)
        if self.screen == "email_code":
            self.submit("use:password")
        if self.screen == "password":
            self.submit(password=user.password or "")

    def sign_out(self) -> None:
        """Sign out, and stand at the portal's door again."""
        self.go()
        self.follow(self.http.post(f"{self.base}/sign-out", **self._form({})))
        self.follow(self.get(f"{self.base}/account"))
        assert self.screen == "identify", self.screen

    def go(self, path: str = "") -> None:
        """Open a page of the portal."""
        self.follow(self.get(f"{self.base}/account{path}"))

    def send(self, path: str, **fields: str) -> TestResponse:
        """A POST to the portal with the page's token, its answer not followed."""
        return self.http.post(f"{self.base}/account{path}", **self._form(fields))

    def press(self, path: str, **fields: str) -> None:
        """The same, followed to the page that it leads to."""
        self.follow(self.send(path, **fields))

    def _form(self, fields: dict[str, str]) -> dict[str, Any]:
        data = {"csrf_token": self.page.csrf_token, **fields}
        origin = "/".join(self.base.split("/")[:3])
        return {"data": data, "headers": {"Origin": origin, "Sec-Fetch-Site": "same-origin"}}

    @property
    def told(self) -> str | None:
        """The id of the sentence that says what was done."""
        found = self.page.by_id("told")
        return None if found is None else found.get("data-text")

    def shows(self, words: str) -> bool:
        """Whether the page has these words."""
        return words in self.text


def resident(app: Flask, make: Factory, **sections: object) -> Resident:
    """Somebody new, at a tenant with these settings."""
    tenant = make.tenant(**sections)  # type: ignore[arg-type]
    return Resident(app, make.client(tenant), make.user(tenant, display_name="Jane Doe"))


def settle(person: Resident, section: str, **values: object) -> None:
    """Publish settings of one section at the person's tenant."""
    with write(person.client.tenant.id) as session:
        settings_store.publish(session, CLI, section, values)
