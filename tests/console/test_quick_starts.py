"""What developers copy: everything is filled in, and what we can run here runs."""

import re
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from app.console import quick_starts
from app.console.quick_starts import LIBRARIES, Library, QuickStart
from tests.factories import PASSWORD, REDIRECT_URI, Factory, MadeClient
from tests.visitors import HtmlVisitor

pytestmark = pytest.mark.one_database

_KINDS: dict[str, Any] = {
    "web": {"redirect_uris": [REDIRECT_URI]},
    "spa": {"redirect_uris": [REDIRECT_URI]},
    "native": {"redirect_uris": ["com.example.app:/callback"]},
}


def _started(make: Factory, library: Library) -> tuple[MadeClient, QuickStart]:
    kind = library.kinds[0]
    client = make.client(make.tenant(), kind=kind, **_KINDS[kind])
    return client, quick_starts.of(client.tenant, client.view, library)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.key)
def test_every_value_is_filled_in(make: Factory, library: Library) -> None:
    client, start = _started(make, library)
    whole = "\n".join(each.text for each in start.files)
    assert client.tenant.issuer in whole
    assert client.id in whole
    url = urlsplit(start.redirect_uri)
    assert start.redirect_uri in whole or f"{url.scheme}://{url.netloc}" in whole
    assert start.is_registered == (library.path is None)
    assert not re.search(r"\{\{ \w+ \}\}", whole)
    assert client.secret is None or client.secret not in whole
    for each in start.files:
        assert each.text.strip()
        if each.language == "python":
            compile(each.text, each.name, "exec")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.key)
def test_a_library_that_answers_at_one_path_takes_the_uri_that_has_it(
    make: Factory, library: Library
) -> None:
    if library.path is None:
        assert quick_starts._redirect_uri(_started(make, library)[0].view, library)
        return
    fitting = f"https://app.example{library.path}"
    client = make.client(make.tenant(), redirect_uris=[REDIRECT_URI, fitting])
    start = quick_starts.of(client.tenant, client.view, library)
    assert (start.redirect_uri, start.is_registered) == (fitting, True)


def test_every_kind_of_application_has_one(make: Factory) -> None:
    tenant = make.tenant()
    for kind, registration in _KINDS.items():
        assert quick_starts.fitting(make.client(tenant, kind=kind, **registration).view)


@pytest.fixture
def copied(app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch) -> tuple[MadeClient, Flask]:
    """The Flask application as a developer copies it, whose requests reach AuthPage."""
    (flask,) = (each for each in LIBRARIES if each.key == "flask")
    client, start = _started(make, flask)
    monkeypatch.setenv("SECRET_KEY", "a secret of the application")
    monkeypatch.setenv("AUTHPAGE_CLIENT_SECRET", str(client.secret))
    (source,) = (each.text for each in start.files if each.name == "app.py")

    def send(_: Any, asked: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = app.test_client().open(
            asked.url, method=asked.method, headers=dict(asked.headers), data=asked.body
        )
        response = requests.Response()
        response.status_code, response._content = answer.status_code, answer.data
        response.headers.update(answer.headers)
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    module = ModuleType("copied")
    exec(compile(source, "app.py", "exec"), module.__dict__)
    return client, module.__dict__["app"]


def test_the_flask_application_signs_somebody_in(
    app: Flask, make: Factory, copied: tuple[MadeClient, Flask]
) -> None:
    client, application = copied
    user = make.user(client.tenant)
    browser = application.test_client()
    assert "Sign in" in browser.get("/").text
    sent = browser.get("/login")
    page = HtmlVisitor(app, client)
    page.follow(page.get(sent.headers["Location"]))
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.answer is not None
    back = browser.get(urlsplit(REDIRECT_URI).path, query_string=page.answer)
    assert back.status_code == 302
    assert user.id in browser.get("/").text
    out = browser.get("/logout").headers["Location"]
    assert out.startswith(f"{client.tenant.issuer}/oauth2/logout?client_id={client.id}")
    assert "Sign in" in browser.get("/").text
