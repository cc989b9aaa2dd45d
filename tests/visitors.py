"""People at AuthPage, two kinds with the same moves: one reads pages, one is an app and reads JSON.

A journey is written once and proven for both.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from lxml.html import document_fromstring
from werkzeug.test import TestResponse

from tests.factories import REDIRECT_URI, MadeClient
from tests.inspection import inspect

VERIFIER = "a-code-verifier-that-is-long-enough-for-rfc-7636"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)
HOP_LIMIT = 12


def authorization(client: MadeClient, **parameters: str) -> dict[str, str]:
    """The parameters of an authorization request."""
    asked = {
        "client_id": client.id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
        **parameters,
    }
    return {name: value for name, value in asked.items() if value}


class Page:
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        self.tree = document_fromstring(html or "<html></html>")

    def all(self, tag: str) -> list[Any]:
        """Every element with that tag."""
        return list(self.tree.iter(tag))

    def by_id(self, id: str) -> Any:
        """The element with that id; None when there is none."""
        return next((each for each in self.tree.iter() if each.get("id") == id), None)

    @property
    def csrf_token(self) -> str:
        """The token of the first form."""
        found = [
            each.get("value") for each in self.all("input") if each.get("name") == "csrf_token"
        ]
        return found[0] if found else ""

    @property
    def refresh_url(self) -> str | None:
        """Where the page leads by itself; None when it stays."""
        for each in self.all("meta"):
            if each.get("http-equiv") == "refresh":
                url: str = each.get("content").partition("url=")[2]
                return url
        return None


class HtmlVisitor:
    """A person at a browser without JavaScript."""

    def __init__(self, app: Flask, client: MadeClient) -> None:
        self.http = app.test_client()
        self.client = client
        self.base = client.tenant.base_url
        self.url = ""
        self.status = 0
        self.page = Page("")
        self.text = ""
        self.answer: dict[str, str] | None = None
        self.last: TestResponse | None = None

    def open(self, **parameters: str) -> None:
        """Come from the client."""
        asked = authorization(self.client, **parameters)
        self.answer = None
        self.follow(self.get(f"{self.base}/oauth2/authorize", query_string=asked))

    def get(self, url: str, **options: Any) -> TestResponse:
        """One GET, as a browser makes it."""
        return self.http.get(url, headers={"User-Agent": CHROME}, **options)

    def submit(self, action: str | None = None, **fields: str) -> None:
        """Press a button with these fields filled in."""
        self.follow(self.post(action, **fields))

    def post(self, action: str | None = None, **fields: str) -> TestResponse:
        """The POST of a button, its answer not followed."""
        data = {"csrf_token": self.page.csrf_token, **fields}
        if self.screen:
            data.setdefault("screen", self.screen)
        if action:
            data["action"] = action
        origin = "/".join(self.base.split("/")[:3])
        headers = {"User-Agent": CHROME, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        return self.http.post(self.form_url, data=data, headers=headers)

    @property
    def form_url(self) -> str:
        """Where the page's form posts to."""
        form = self.page.by_id("answer")
        origin = "/".join(self.base.split("/")[:3])
        return self.url if form is None else f"{origin}{form.get('action')}"

    def choose(self, title: str) -> None:
        """Press the choice with that title."""
        for button in self.page.all("button"):
            if button.get("name") == "choice" and title in "".join(button.itertext()):
                self.submit(choice=button.get("value"))
                return
        raise AssertionError(f"{title!r} is not offered")

    def follow(self, response: TestResponse) -> None:
        """Go where the answer leads, until a page stays or the client is reached."""
        for _ in range(HOP_LIMIT):
            self.last, self.status = response, response.status_code
            target = response.headers.get("Location")
            if target is None:
                self.text = response.get_data(as_text=True)
                inspect(self.text)
                self.page = Page(self.text)
                target = self.page.refresh_url
                if target is None:
                    self.url = response.request.url
                    return
            else:
                assert response.status_code == 303, response.status_code
            if target.startswith(REDIRECT_URI):
                self.answer = dict(parse_qsl(urlsplit(target).query))
                return
            url = target if "://" in target else f"{'/'.join(self.base.split('/')[:3])}{target}"
            response = self.get(url)
        raise AssertionError("too many redirects")

    @property
    def screen(self) -> str | None:
        """The name of the screen; None on a page that is not a flow's."""
        form = self.page.by_id("answer")
        return None if form is None else form.get("data-screen")

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
    def fields(self) -> set[str]:
        """The names of the fields."""
        names = {
            each.get("name")
            for each in (*self.page.all("input"), *self.page.all("select"))
            if each.get("type") != "hidden"
        }
        return {name for name in names if name}

    def value(self, field: str) -> str:
        """What a field is filled with."""
        found = self.page.by_id(field)
        return "" if found is None else found.get("value") or ""

    @property
    def actions(self) -> set[str]:
        """The names of the actions offered."""
        return {
            each.get("value") for each in self.page.all("button") if each.get("name") == "action"
        }

    @property
    def choices(self) -> list[str]:
        """The values of the choices offered."""
        found = [each for each in self.page.all("button") if each.get("name") == "choice"]
        return [each.get("value") for each in found]

    @property
    def retry_after(self) -> int:
        """The seconds of Retry-After."""
        return retry_after(self.last)

    @property
    def heading(self) -> str:
        """The one h1."""
        return "".join(self.page.all("h1")[0].itertext()).strip()


class JsonVisitor:
    """An application that draws the flow by itself, and its user's browser at the end."""

    def __init__(self, app: Flask, client: MadeClient) -> None:
        self.browser = HtmlVisitor(app, client)
        self.http = app.test_client()
        self.client = client
        self.base = client.tenant.base_url
        self.status = 0
        self.body: dict[str, Any] = {}
        self.flow_id = ""
        self.token = ""
        self.answer: dict[str, str] | None = None
        self.last: TestResponse | None = None
        self.way_out: str | None = None

    def open(self, **parameters: str) -> None:
        """Start a flow for the client."""
        self.open_as(None, **parameters)

    def open_as(self, kind: str | None, **parameters: str) -> None:
        """Start a flow of that kind; None leaves it to `prompt`."""
        body = {"authorize": authorization(self.client, **parameters), "kind": kind}
        response = self.http.post(f"{self.base}/headless/v1/flows", json=body)
        self.take(response)
        assert response.status_code == 201, response.get_data(as_text=True)
        self.flow_id, self.token = self.body["flow_id"], self.body["flow_token"]

    def submit(self, action: str | None = None, **fields: Any) -> None:
        """Send an action with these fields."""
        self.take(self.post(action, **fields))
        if self.body.get("outcome") in ("finished", "refused") and "go_to" in self.body:
            self._go(self.body["go_to"])
        self.way_out = self.body["go_to"] if self.body.get("outcome") == "go_to" else None

    def post(self, action: str | None = None, **fields: Any) -> TestResponse:
        """The POST of an action."""
        action = action or ("choose" if "choice" in fields else "continue")
        return self.http.post(
            f"{self.base}/headless/v1/flows/{self.flow_id}",
            json={"action": action, "screen": self.screen, **fields},
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def choose(self, title: str) -> None:
        """Send the choice with that title."""
        found = [c["value"] for c in self.body["screen"]["choices"] if c["title"] == title]
        self.submit(choice=found[0])

    def take(self, response: TestResponse) -> None:
        """Remember an answer."""
        self.last, self.status = response, response.status_code
        self.body = json.loads(response.get_data())

    def _go(self, url: str) -> None:
        if url.startswith(REDIRECT_URI):
            self.answer = dict(parse_qsl(urlsplit(url).query))
            return
        self.browser.follow(self.browser.get(url))
        self.answer = self.browser.answer

    @property
    def shown(self) -> dict[str, Any]:
        """The screen; empty when there is none."""
        return self.body.get("screen") or {}

    @property
    def screen(self) -> str | None:
        """The name of the screen."""
        return self.shown.get("name")

    @property
    def message(self) -> str | None:
        """The id of the sentence above the form."""
        return (self.shown.get("message") or {}).get("id")

    @property
    def errors(self) -> dict[str, str]:
        """Field -> id of its error."""
        return {f["name"]: f["error"]["id"] for f in self.shown["fields"] if f["error"]}

    @property
    def fields(self) -> set[str]:
        """The names of the fields."""
        return {each["name"] for each in self.shown["fields"]}

    def value(self, field: str) -> str:
        """What a field is filled with."""
        return next((f["value"] for f in self.shown["fields"] if f["name"] == field), "")

    @property
    def actions(self) -> set[str]:
        """The names of the actions offered."""
        return {each["name"] for each in self.shown["actions"]}

    @property
    def choices(self) -> list[str]:
        """The values of the choices offered."""
        return [each["value"] for each in self.shown["choices"]]

    @property
    def retry_after(self) -> int:
        """The seconds of Retry-After."""
        return retry_after(self.last)


def retry_after(response: TestResponse | None) -> int:
    """The seconds of Retry-After."""
    assert response is not None
    return int(response.headers["Retry-After"])


Visitor = HtmlVisitor | JsonVisitor
Visit = Callable[..., Visitor]
"""Opens a flow for a client, as the fixture `visit` does."""
