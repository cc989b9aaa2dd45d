"""C02, C05, F09, F13, X12: cookies that were planted, doubled, broken, or another tenant's."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.directory import tenants
from app.directory.tenants import Tenant
from tests.factories import PASSWORD, Factory
from tests.security.doors import at_identify, signed_in
from tests.visitors import HtmlVisitor

SESSION = "__Host-authpage_session"
BROKEN = [
    "",
    "x",
    "." * 43,
    "é" * 43,
    "A" * 42,
    "A" * 43,
    "A" * 44,
    "A" * 8_192,
    "%00" * 43,
    '"quoted"',
    "eyJhbGciOiJub25lIn0.e30.",
    "null",
    "\\x00\\xff",
    "a=b=c",
]


def _default(make: Factory) -> Tenant:
    found = tenants.default()
    assert found is not None
    return found


def _account(client: FlaskClient, base: str, cookie: str) -> TestResponse:
    """The account page, with exactly this Cookie header."""
    return client.get(f"{base}/account", headers={"Cookie": cookie})


def _secure_session(secure_app: Flask, make: Factory) -> str:
    tenant = _default(make)
    user, client = make.user(tenant), make.client(tenant)
    page = HtmlVisitor(secure_app, client)
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.last is not None
    found = page.http.get_cookie(SESSION, domain="localhost", path="/")
    assert found is not None
    return found.value


def test_c02_only_our_one_cookie_signs_in(secure_app: Flask, secure_make: Factory) -> None:
    value = _secure_session(secure_app, secure_make)
    outside, base = secure_app.test_client(use_cookies=False), "https://localhost"
    assert _account(outside, base, f"{SESSION}={value}").status_code == 200
    for cookie in (
        f"authpage_session={value}",
        f"__Secure-authpage_session={value}",
        f"\u2000{SESSION}={value}".encode().decode("latin-1"),
        f"={SESSION}={value}",
        f"__host-authpage_session={value}",
        f"{SESSION}={value}; {SESSION}=other",
        f"{SESSION}=other; {SESSION}={value}",
        f"{SESSION}={value}; {SESSION}={value}",
    ):
        assert _account(outside, base, cookie).status_code == 303, cookie
    for harmless in (f"$Version=1; {SESSION}={value}", f"{SESSION}={value}; ={SESSION}"):
        assert _account(outside, base, harmless).status_code in (200, 303)


@pytest.mark.parametrize("name", ["authpage_session", "authpage_flow", "authpage_locale"])
@pytest.mark.parametrize("value", BROKEN)
def test_c05_a_broken_cookie_is_no_cookie(app: Flask, make: Factory, name: str, value: str) -> None:
    base = make.tenant().base_url
    raw = f"{name}={value}".encode().decode("latin-1")
    assert _account(app.test_client(use_cookies=False), base, raw).status_code == 303
    response = app.test_client(use_cookies=False).get(f"{base}/sign-out", headers={"Cookie": raw})
    assert response.status_code == 200


def test_c05_a_changed_flow_cookie_is_not_believed(app: Flask, make: Factory) -> None:
    page = at_identify(app, make.client(make.tenant()))
    flow = page.url
    path = "/" + page.base.split("/", 3)[3]
    cookie = page.http.get_cookie("authpage_flow", path=path)
    assert cookie is not None
    for changed in (cookie.value[:-1], cookie.value.swapcase(), "." + cookie.value):
        response = app.test_client(use_cookies=False).get(
            flow, headers={"Cookie": f"authpage_flow={changed}"}
        )
        assert response.status_code == 303, "A browser that is not known starts a flow of its own."


def test_cookies_are_scoped_as_their_prefix_promises(
    secure_app: Flask, secure_make: Factory
) -> None:
    for tenant, prefix, path in (
        (_default(secure_make), "__Host-", "/"),
        (under := secure_make.tenant(), "__Secure-", f"/t/{under.slug}"),
    ):
        user, client = secure_make.user(tenant), secure_make.client(tenant)
        page = HtmlVisitor(secure_app, client)
        set_cookies: list[str] = []
        page.open(ui_locales="de")
        page.submit(email=user.email)
        answer = page.post(password=PASSWORD)
        set_cookies += answer.headers.getlist("Set-Cookie")
        set_cookies += page.get(f"{tenant.base_url}/sign-in?locale=de").headers.getlist(
            "Set-Cookie"
        )
        names = {each.split("=")[0] for each in set_cookies}
        assert {f"{prefix}authpage_session", f"{prefix}authpage_locale"} <= names
        for each in set_cookies:
            attributes = {part.strip().lower() for part in each.split(";")[1:]}
            assert each.startswith(prefix)
            assert {"secure", "httponly", "samesite=lax", f"path={path}"} <= attributes
            assert not any(part.startswith("domain") for part in attributes)


def test_f09_the_session_cookie_is_new_at_every_sign_in_and_the_old_one_dead(
    app: Flask, make: Factory
) -> None:
    page = signed_in(app, make)
    path = "/" + page.base.split("/", 3)[3]
    first = page.http.get_cookie("authpage_session", path=path)
    assert first is not None
    email = make.user(page.client.tenant).email
    page.open(prompt="login")
    if page.screen != "identify":
        page.submit("change")
    page.submit(email=email)
    page.submit(password=PASSWORD)
    second = page.http.get_cookie("authpage_session", path=path)
    assert second is not None
    assert second.value != first.value
    old = _account(app.test_client(use_cookies=False), page.base, f"authpage_session={first.value}")
    assert old.status_code == 303


def test_f09_a_planted_session_cookie_is_not_kept(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    path, planted = "/" + tenant.base_url.split("/", 3)[3], "P" * 43
    page = HtmlVisitor(app, client)
    page.http.set_cookie("authpage_session", planted, path=path)
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    cookie = page.http.get_cookie("authpage_session", path=path)
    assert cookie is not None
    assert cookie.value != planted
    assert (
        _account(
            app.test_client(use_cookies=False), page.base, f"authpage_session={planted}"
        ).status_code
        == 303
    )


def test_x12_two_tenants_of_one_host_live_side_by_side_in_one_browser(
    app: Flask, make: Factory
) -> None:
    """The cookies of the tenant at the root are sent to every path, those of another too."""
    root = _default(make)
    below, other = make.tenant(), make.tenant()
    page = HtmlVisitor(app, make.client(root))
    for tenant in (root, below, other):
        user = make.user(tenant)
        page.client, page.base, page.answer = make.client(tenant), tenant.base_url, None
        page.open()
        assert page.screen == "identify", tenant.base_url
        page.submit(email=user.email)
        page.submit(password=PASSWORD)
        assert page.answer is not None, tenant.base_url
    for tenant in (root, below, other):
        assert page.get(f"{tenant.base_url}/account").status_code == 200, tenant.base_url
    page.base = below.base_url
    page.follow(page.get(f"{below.base_url}/sign-out"))
    page.url = f"{below.base_url}/sign-out"
    page.follow(page.post())
    assert page.get(f"{below.base_url}/account").status_code == 303
    assert page.get(f"{root.base_url}/account").status_code == 200


def test_f13_no_reply_that_sets_a_cookie_or_knows_one_may_be_shared(
    app: Flask, make: Factory
) -> None:
    page = signed_in(app, make)
    replies = [
        page.get(f"{page.base}{path}")
        for path in (
            "/account",
            "/sign-in",
            "/sign-out",
            "/oauth2/userinfo",
            "/nowhere",
            "/.well-known/openid-configuration?locale=de",
            "/oauth2/jwks?locale=ar",
            "/headless/v1/openapi.json?locale=de",
        )
    ]
    style = page.page.all("link")[0].get("href")
    replies.append(page.get(f"http://localhost:8000{style}?locale=en"))
    for reply in replies:
        cacheable = "public" in reply.headers.get("Cache-Control", "")
        if "Set-Cookie" in reply.headers or not cacheable:
            assert "no-store" in reply.headers["Cache-Control"], reply.request.path
        if "Set-Cookie" in reply.headers:
            assert "Cookie" in reply.headers.get("Vary", ""), reply.request.path
