"""C01, C09, C11, L12: other sites' pages and scripts change nothing."""

from collections import defaultdict
from typing import Any

import pytest
from flask import Flask

from tests.factories import Factory
from tests.security.belongings import rows_of
from tests.security.doors import at_identify, signed_in
from tests.visitors import authorization

FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8000.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "https://localhost:8000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]
FORMS = (
    "/sign-out",
    "/account/verify-email",
    "/account/sessions/end",
    "/account/apps/remove",
    "/account/sign-out-everywhere",
    "/account/sessions/end-others",
    "/account/trusted-devices/end",
    "/account/accounts/add",
    "/account/password",
    "/account/emails/add",
    "/account/recovery-codes",
    "/account/delete",
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_c01_a_flow_answers_no_form_from_elsewhere(
    app: Flask, make: Factory, headers: dict[str, str]
) -> None:
    page = at_identify(app, make.client(make.tenant()))
    before = rows_of(page.client.tenant)
    data = {"email": "victim@example.com", "csrf_token": page.page.csrf_token}
    response = page.http.post(page.form_url, data=data, headers=headers)
    assert response.status_code == 403
    assert rows_of(page.client.tenant) == before


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("headers", [FOREIGN[0], FOREIGN[1], FOREIGN[5]], ids=str)
def test_c01_no_form_from_elsewhere_touches_the_account(
    app: Flask, make: Factory, path: str, headers: dict[str, str]
) -> None:
    page = signed_in(app, make)
    page.follow(page.get(f"{page.base}/sign-out"))
    before = rows_of(page.client.tenant)
    data = {"csrf_token": page.page.csrf_token}
    assert page.http.post(page.base + path, data=data, headers=headers).status_code == 403
    assert rows_of(page.client.tenant) == before


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["", "x", "another browser's"])
def test_c01_a_form_without_this_browsers_token_is_refused(
    app: Flask, make: Factory, path: str, token: str
) -> None:
    page = signed_in(app, make)
    if token.startswith("another"):
        stranger = at_identify(app, page.client)
        token = stranger.page.csrf_token
    before = rows_of(page.client.tenant)
    response = page.http.post(page.base + path, data={"csrf_token": token} if token else {})
    assert response.status_code == 400
    assert rows_of(page.client.tenant) == before


def test_c01_login_csrf_the_attackers_flow_cannot_go_on_in_the_victims_browser(
    app: Flask, make: Factory
) -> None:
    client = make.client(make.tenant())
    attacker = at_identify(app, client)
    attacker.submit(email="attacker@example.com")
    victim = at_identify(app, client)
    response = victim.http.post(
        attacker.form_url,
        data={"password": "attacker's own", "csrf_token": victim.page.csrf_token},
    )
    assert response.status_code == 403
    tokens = {"password": "x", "csrf_token": attacker.page.csrf_token}
    assert victim.http.post(attacker.form_url, data=tokens).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_c09_the_json_api_takes_nothing_that_a_form_can_send(
    app: Flask, make: Factory, content_type: str
) -> None:
    page = signed_in(app, make)
    url = f"{page.base}/headless/v1/flows"
    response = page.http.post(url, data=b'{"authorize": {}}', content_type=content_type)
    assert response.status_code == 415


def test_c09_the_json_api_reads_no_cookie(app: Flask, make: Factory) -> None:
    page = signed_in(app, make)
    asked = {"authorize": authorization(page.client, prompt="none")}
    response = page.http.post(f"{page.base}/headless/v1/flows", json=asked)
    assert response.get_json().get("screen", {}).get("name") in (None, "identify")
    assert "Set-Cookie" not in response.headers


def test_r23_no_unregistered_origin_reads_anything(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    make.client(tenant, origins=["https://app.example"])
    outside = app.test_client()
    for path in ("/oauth2/token", "/oauth2/userinfo", "/headless/v1/flows", "/oauth2/jwks"):
        for method in ("OPTIONS", "GET", "POST"):
            for origin in ("https://evil.example", "null", "https://app.example.evil.example"):
                headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
                response = outside.open(tenant.base_url + path, method=method, headers=headers)
                assert "Access-Control-Allow-Origin" not in response.headers
                assert "Access-Control-Allow-Credentials" not in response.headers
    response = outside.options(
        f"{tenant.base_url}/oauth2/token", headers={"Origin": "https://app.example"}
    )
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in response.headers


def _routes(app: Flask) -> list[tuple[str, str]]:
    """Every route that is looked at, with its ids filled in."""
    values: dict[str, Any] = defaultdict(lambda: "x", {"flow_id": "flw_x"})
    adapter = app.url_map.bind("localhost")
    return [
        (rule.endpoint, adapter.build(rule.endpoint, {n: values[n] for n in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set())
    ]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "BREW"])
def test_c11_looking_at_a_route_changes_nothing(app: Flask, make: Factory, method: str) -> None:
    page = signed_in(app, make)
    before = rows_of(page.client.tenant)
    for endpoint, path in _routes(app):
        query = authorization(page.client) if endpoint == "oidc.authorize" else {}
        response = page.http.open(page.base + path, method=method, query_string=query)
        assert response.status_code < 500, (endpoint, response.status_code)
    assert rows_of(page.client.tenant) == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_c11_no_header_turns_a_get_into_a_post(app: Flask, make: Factory, header: str) -> None:
    page = signed_in(app, make)
    before = rows_of(page.client.tenant)
    response = page.http.get(f"{page.base}/sign-out?_method=POST", headers={header: "POST"})
    assert response.status_code == 200
    assert rows_of(page.client.tenant) == before


def test_l01_looking_at_the_end_of_a_headless_flow_does_not_spend_it(
    app: Flask, make: Factory
) -> None:
    from tests.visitors import JsonVisitor

    tenant = make.tenant()
    user = make.user(tenant)
    visitor = JsonVisitor(app, make.client(tenant))
    visitor.open()
    visitor.submit(email=user.email)
    visitor.take(visitor.post(password=user.password))
    url = visitor.body["go_to"]
    for method in ("HEAD", "OPTIONS"):
        assert app.test_client().open(url, method=method).status_code in (200, 405)
    assert app.test_client().get(url).status_code == 303
