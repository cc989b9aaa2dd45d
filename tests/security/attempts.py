"""Requests with things that belong to another tenant than the one that is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.security.belongings import Belongings, Household, basic

REFUSED = (400, 401, 403, 404)


@dataclass(frozen=True)
class Attempt:
    """One request with things that belong elsewhere; the status that it must get."""

    send: Callable[["Door"], TestResponse]
    statuses: tuple[int, ...] = REFUSED


@dataclass(frozen=True)
class Door:
    """The tenant that is asked, and the things that are presented to it."""

    host: Household
    given: Belongings

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """A request without cookies."""
        return self.client().open(self.url(path), method=method, **options)

    def ask_as_browser(self, method: str, path: str, *names: str, **options: Any) -> TestResponse:
        """A request with the cookies `names`, from our own pages."""
        client = self.client()
        for name in names:
            value = getattr(self.given, f"{name}_cookie")
            client.set_cookie(f"authpage_{name}", value, path=self.host.path)
        headers = {"Sec-Fetch-Site": "same-origin"}
        return client.open(self.url(path), method=method, headers=headers, **options)

    def token(self, client: str = "host", **form: str) -> TestResponse:
        """A request to the token endpoint, by a client of the asked tenant or by a given one."""
        known = self.host.has if client == "host" else self.given
        headers = {"Authorization": basic(known.client_id, known.client_secret)}
        return self.ask("POST", "/oauth2/token", data=form, headers=headers)

    def client(self) -> FlaskClient:
        """A client that knows nothing yet."""
        return self.host.app.test_client()

    def url(self, path: str) -> str:
        """A path at the tenant that is asked."""
        return f"{self.host.tenant.base_url}{path}"


NOTHING: list[Attempt] = []
"""The route takes nothing that belongs to a tenant, and knows nobody."""


def bearer(token: str) -> dict[str, str]:
    """The header of RFC 6750."""
    return {"Authorization": f"Bearer {token}"}


def post_flow(door: Door, path: str) -> TestResponse:
    """A form with the cookies of somebody who is signed in elsewhere."""
    form = {"email": "jane@example.com", "csrf_token": door.given.csrf_token}
    return door.ask_as_browser("POST", path, "flow", "session", data=form)


def post_at_home(door: Door, path: str, **form: str) -> TestResponse:
    """A form of somebody who is signed in at the asked tenant."""
    client, home = door.client(), door.host
    client.set_cookie("authpage_session", home.has.session_cookie, path=home.path)
    client.set_cookie("authpage_flow", home.has.flow_cookie, path=home.path)
    data = {"csrf_token": home.has.csrf_token, **form}
    return client.post(door.url(path), data=data)
