"""Every page about an error shows one way on, and that way leads somewhere."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory

BASE = "http://localhost:8000"


def _way_on(response: TestResponse) -> str:
    found = re.findall(r'<a class="button primary" href="([^"]+)"', response.text)
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/t/nobody/sign-in", 404),
        ("GET", "/account/sessions/end", 405),
        ("POST", "/account/sessions/end", 400),
        ("POST", "/account/verify-email", 400),
        ("POST", "/sign-out", 400),
        ("GET", "/oauth2/authorize", 400),
        ("GET", "/oauth2/logout?id_token_hint=x", 400),
        ("GET", "/flow/flw_unknown", 404),
    ],
)
def test_the_way_on_leads_to_a_page(
    app: Flask, make: Factory, method: str, path: str, status: int
) -> None:
    make.default_tenant()
    http = app.test_client()
    failed = http.open(f"{BASE}{path}", method=method)
    assert failed.status_code == status
    next_page = http.get(f"{BASE}{_way_on(failed).removeprefix(BASE)}", follow_redirects=True)
    assert next_page.status_code == 200


def test_an_unknown_host_points_to_the_base_url(app: Flask, make: Factory) -> None:
    failed = app.test_client().get("http://elsewhere.example/sign-in")
    assert (failed.status_code, _way_on(failed)) == (421, f"{BASE}/")
