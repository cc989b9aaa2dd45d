"""C07, C10, D04, F13: the headers of every answer, whatever it is."""

import pytest
from flask import Flask

from app import create_app
from app.config import Settings, UnsafeSettings
from app.security import new_root_key
from tests.factories import PASSWORD, Factory
from tests.security.doors import signed_in, with_changes
from tests.visitors import HtmlVisitor, authorization

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = [
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/account",
    "/nowhere",
    "/flow/flw_unknown",
    "/oauth2/authorize",
    "/oauth2/authorize?client_id=x",
    "/oauth2/logout",
    "/oauth2/logout?id_token_hint=x",
    "/oauth2/token",
    "/oauth2/userinfo",
    "/headless/v1/flows",
    "/headless/v1/flows/flw_x",
    "/headless/v1/openapi.json",
    "/healthz",
    "/mailbox",
    "/brand/none.png",
    "/static/none",
    "/%00",
    "/%ff",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_c07_every_answer_bears_them(app: Flask, make: Factory, path: str, method: str) -> None:
    base = make.tenant().base_url
    response = app.test_client().open(base + path, method=method)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert {name: response.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "no-store" in response.headers["Cache-Control"]
    assert "Server" not in response.headers
    assert "Werkzeug" not in str(response.headers)
    assert len(response.headers.getlist("Content-Security-Policy")) == 1


def test_c07_the_whole_way_through(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant, is_first_party=False)
    page = HtmlVisitor(app, client)
    page.open(prompt="consent")
    for fields in ({"email": user.email}, {"password": "wrong"}, {"password": PASSWORD}):
        response = page.post(**fields)
        assert response.headers["Content-Security-Policy"] == POLICY
        assert "no-store" in response.headers["Cache-Control"]
        page.follow(response)
    assert page.screen == "consent"
    leaving = page.post("allow")
    assert leaving.status_code == 200, "Chromium would apply form-action to a redirect (R20)."
    assert leaving.headers["Content-Security-Policy"] == POLICY
    assert "no-store" in leaving.headers["Cache-Control"]
    assert "Cookie" in leaving.headers["Vary"]


def test_c07_only_the_form_post_page_may_post_elsewhere(app: Flask, make: Factory) -> None:
    page = signed_in(app, make)
    asked = authorization(page.client, response_mode="form_post")
    response = page.get(f"{page.base}/oauth2/authorize", query_string=asked)
    policy = response.headers["Content-Security-Policy"]
    assert policy == POLICY.replace("form-action 'self'", "form-action https:")


def test_transport_security_where_there_is_transport_security(
    app: Flask, secure_app: Flask
) -> None:
    secure = secure_app.test_client().get("https://localhost/sign-in")
    assert int(secure.headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 31_536_000
    plain = app.test_client().get("http://localhost:8000/sign-in")
    assert "Strict-Transport-Security" not in plain.headers


def test_d04_there_is_no_debugger(app: Flask) -> None:
    assert not app.debug
    assert not app.config["PROPAGATE_EXCEPTIONS"]
    for path in ("/console", "/?__debugger__=yes&cmd=resource&f=style.css"):
        response = app.test_client().get(f"http://localhost:8000{path}")
        assert "Werkzeug" not in response.text


def _in_production(settings: Settings) -> Settings:
    return with_changes(
        settings,
        environment="production",
        base_url="https://id.example.com",
        root_keys=(new_root_key(1),),
        smtp_url="smtps://mail.example.com",
        mail_from="no-reply@id.example.com",
        argon2_memory_kib=19_456,
        argon2_iterations=2,
        worker="separate",
    )


def test_d04_production_refuses_to_debug(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not create_app(_in_production(settings)).debug
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(UnsafeSettings, match="FLASK_DEBUG"):
        create_app(_in_production(settings))


def test_z22_production_starts_with_nothing_unsafe(app: Flask) -> None:
    settings = with_changes(app.config["AUTHPAGE"], environment="production")
    with pytest.raises(UnsafeSettings) as refused:
        create_app(settings)
    told = " ".join(refused.value.problems)
    for name in ("BASE_URL", "ROOT_KEYS", "SMTP_URL", "MAIL_FROM", "ARGON2_MEMORY_KIB"):
        assert name in told
