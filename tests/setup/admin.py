"""An IT admin without an account here, at a browser without JavaScript."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.actor import CLI
from app.database import read, write
from app.directory import connections, setup_access
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer
from tests.inspection import inspect
from tests.visitors import CHROME, HOP_LIMIT, Page


def link_for(tenant: Tenant, organization_id: str, lives: int = 3_600) -> str:
    """A fresh link's token."""
    with write(tenant.id) as session:
        return setup_access.create_link(session, CLI, tenant, organization_id, lives)[1]


def connections_of(tenant: Tenant, organization_id: str) -> list[Connection]:
    """What was set up for an organization."""
    with read(tenant.id) as session:
        return connections.list_all(session, organization_id)


class Admin:
    """One browser, at one tenant."""

    def __init__(self, app: Flask, tenant: Tenant) -> None:
        self.app, self.tenant = app, tenant
        self.http = app.test_client()
        self.base = tenant.base_url
        self.origin = "/".join(self.base.split("/")[:3])
        self.page, self.text, self.status, self.url = Page(""), "", 0, ""

    def go(self, path: str) -> None:
        """Look at a page below the tenant's base URL."""
        self.follow(self.http.get(f"{self.base}{path}", headers={"User-Agent": CHROME}))

    def post(self, path: str, token: str | None = None, **fields: Any) -> TestResponse:
        """Send a form of the page that is open; its answer is not followed."""
        data = {"csrf_token": self.page.csrf_token if token is None else token, **fields}
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self.http.post(f"{self.base}{path}", data=data, headers=headers)

    def press(self, path: str, **fields: Any) -> None:
        """Send a form, and go where it leads."""
        self.follow(self.post(path, **fields))

    def follow(self, response: TestResponse) -> None:
        """Go where the answer leads, as long as it stays here."""
        for _ in range(HOP_LIMIT):
            self.status = response.status_code
            target = response.headers.get("Location")
            if target is None:
                self._read(response)
                return
            assert self.status == 303, self.status
            url = target if "://" in target else f"{self.origin}{target}"
            assert url.startswith(self.origin), url
            response = self.http.get(url, headers={"User-Agent": CHROME})
        raise AssertionError("too many redirects")

    def open(self, token: str) -> None:
        """Open a link and press its button."""
        self.go(f"/setup?token={token}")
        self.press("/setup")

    @property
    def path(self) -> str:
        """The path of the page, below the tenant's base URL."""
        return self.url.removeprefix(self.base).partition("?")[0]

    @property
    def told(self) -> str | None:
        """The id of the sentence that says what was done."""
        found = self.page.by_id("told")
        return None if found is None else found.get("data-text")

    @property
    def message(self) -> str | None:
        """The id of the sentence above the form."""
        found = self.page.by_id("message")
        return None if found is None else found.get("data-text")

    @property
    def errors(self) -> dict[str, str]:
        """Field -> id of its error."""
        found = [each for each in self.page.all("p") if (each.get("id") or "").endswith("-error")]
        return {each.get("id").removesuffix("-error"): each.get("data-text") for each in found}

    @property
    def diagnoses(self) -> list[str]:
        """What the doctor says, newest first."""
        found = [each.get("data-diagnosis") for each in self.page.all("h2")]
        return [each for each in found if each]

    def value(self, field: str) -> str:
        """What a field is filled with."""
        found = self.page.by_id(field)
        if found is None:
            return ""
        return found.text or "" if found.tag == "textarea" else found.get("value") or ""

    def prove(self, dns: DnsServer, domain: str) -> str:
        """Claim a domain, copy its record, publish it, have it checked; returns the claim's id."""
        self.press("/setup/domains", domain=domain)
        ids = [each.get("id") or "" for each in self.page.all("textarea")]
        claim_id = next(each for each in ids if each.endswith("-name")).partition("-")[0]
        dns.texts[self.value(f"{claim_id}-name")] = [self.value(f"{claim_id}-value")]
        self.press(f"/setup/domains/{claim_id}/check")
        assert self.told == "setup.told_proven"
        return claim_id

    def _read(self, response: TestResponse) -> None:
        self.url = response.request.url
        self.text = response.get_data(as_text=True)
        inspect(self.text)
        self.page = Page(self.text)
