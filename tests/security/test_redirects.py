"""C08, R01, R16, R20: no parameter leads a browser to a place that nobody registered."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.factories import PASSWORD, REDIRECT_URI, Factory
from tests.security.doors import signed_in
from tests.visitors import HtmlVisitor, authorization

EVIL = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "///evil.example",
    "https:///evil.example",
    "/\t/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app@evil.example",
    "https://app.example/callback@evil.example",
    "https://app.example\\@evil.example/callback",
    "/account\r\nLocation: https://evil.example",
    "https://evil.example/callback",
    "https://app.example/callback/../evil",
    "https://app.example/callback/",
    "https://app.example/callback?x",
    "https://app.example/callback#x",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example./callback",
    "https://app.example/%63allback",
    "https://\u0430pp.example/callback",
    " https://app.example/callback",
    "http://app.example/callback",
]
NAMES = (
    "redirect_uri",
    "post_logout_redirect_uri",
    "return_to",
    "next",
    "continue",
    "url",
    "go_to",
    "redirect",
    "target_link_uri",
    "iss",
)
PATHS = (
    "/",
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/account",
    "/oauth2/logout",
    "/oauth2/authorize",
)


def _leads_home(target: str | None, base: str) -> bool:
    """Whether a Location stays below the tenant's base URL, as a browser would read it."""
    if target is None:
        return True
    if any(c in target for c in "\\\r\n\t"):
        return False
    parts, home = urlsplit(target), urlsplit(base)
    own = not parts.netloc and target.startswith("/") and not target.startswith("//")
    return own or (parts.scheme, parts.netloc) == (home.scheme, home.netloc)


@pytest.mark.parametrize("value", EVIL, ids=ascii)
def test_c08_no_parameter_of_any_page_leads_away(app: Flask, make: Factory, value: str) -> None:
    page = signed_in(app, make)
    for path in PATHS:
        response = page.get(page.base + path, query_string=dict.fromkeys(NAMES, value))
        target = response.headers.get("Location")
        assert _leads_home(target, page.base), (path, target)
        assert f'href="{value}"' not in response.text
        assert "http-equiv" not in response.text.lower(), path


@pytest.mark.parametrize("value", EVIL, ids=ascii)
def test_r01_an_unregistered_redirect_uri_gets_a_page(
    app: Flask, make: Factory, value: str
) -> None:
    page = signed_in(app, make)
    for extra in ({}, {"prompt": "none"}, {"response_type": "token"}, {"scope": "\x7f"}):
        asked = {**authorization(page.client), "redirect_uri": value, **extra}
        response = page.get(f"{page.base}/oauth2/authorize", query_string=asked)
        assert response.status_code == 400
        assert "Location" not in response.headers
        assert "evil" not in response.text.split("<main")[1].split("</main")[0]


@pytest.mark.parametrize("value", EVIL, ids=ascii)
def test_r16_an_unregistered_page_after_sign_out_is_not_gone_to(
    app: Flask, make: Factory, value: str
) -> None:
    page = signed_in(app, make)
    for hint in ({}, {"client_id": page.client.id}, {"id_token_hint": "x.y.z"}):
        asked = {"post_logout_redirect_uri": value, **hint}
        for method in ("GET", "POST"):
            options: dict[str, Any] = {"query_string" if method == "GET" else "data": asked}
            response = page.http.open(f"{page.base}/oauth2/logout", method=method, **options)
            assert _leads_home(response.headers.get("Location"), page.base)
    assert page.get(f"{page.base}/account").status_code == 200


def test_r20_a_posted_password_never_travels_on(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    page = HtmlVisitor(app, make.client(tenant))
    page.open()
    first = page.post(email=user.email)
    assert first.status_code == 303
    page.follow(first)
    answer = page.post(password=PASSWORD)
    assert answer.status_code == 200, "No redirect leaves the origin after a POST."
    assert "Location" not in answer.headers
    assert REDIRECT_URI in answer.text


def test_c08_the_path_after_a_tenant_is_no_host(app: Flask, make: Factory) -> None:
    base = make.tenant().base_url
    for path in ("//evil.example", "/\\evil.example", "//evil.example/..", "/%2f%2fevil.example"):
        response = app.test_client().get(base + path)
        assert _leads_home(response.headers.get("Location"), base)
        response = app.test_client().get(f"http://localhost:8000{path}")
        assert _leads_home(response.headers.get("Location"), "http://localhost:8000")
