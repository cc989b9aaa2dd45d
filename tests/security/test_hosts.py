"""H01 to H04, L09: who asks and where is what the connection says, unless a proxy is configured."""

from typing import Any

import pytest
from flask import Flask
from flask_limiter import Limiter
from sqlalchemy import select

from app import create_app, extensions, migration
from app.config import Settings
from app.database import read
from app.extensions import db
from app.limits import network
from app.models import Browser
from tests.conftest import Client
from tests.factories import PASSWORD, Factory
from tests.security.doors import at_identify, with_changes
from tests.services.plugin import DatabaseMaker
from tests.visitors import HtmlVisitor

HOSTILE: list[dict[str, str]] = [
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"},
    {"X-Real-Ip": "203.0.113.9"},
    {"Forwarded": 'for="203.0.113.9;host=evil.example";proto=https'},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "javascript"},
    {"X-Forwarded-Prefix": "//evil.example"},
    {"X-Forwarded-Port": "6666"},
    {"X-Original-Url": "//evil.example/"},
    {"X-Rewrite-Url": "//evil.example/"},
    {"X-Forwarded-Server": "evil.example"},
    {"Client-Ip": "203.0.113.9"},
    {"True-Client-Ip": "203.0.113.9"},
]
UNKNOWN_HOSTS = [
    "evil.example",
    "localhost",
    "localhost:8001",
    "localhost:8000.evil.example",
    "localhost.:8000",
    "127.0.0.1:8000",
    "[::1]:8000",
    "evil.example:8000",
    "a" * 300,
    "evil.example/x",
    "evil.example@localhost:8000",
    "localhost:8000, evil.example",
    "<script>alert(1)</script>",
    "'\"><img>",
    "",
]


def _addresses(tenant_id: str) -> set[str | None]:
    with read(tenant_id) as session:
        return set(session.scalars(select(Browser.address).where(Browser.tenant_id == tenant_id)))


@pytest.mark.parametrize("headers", HOSTILE, ids=str)
def test_h01_h02_forwarded_headers_say_nothing_without_a_proxy(
    app: Flask, make: Factory, headers: dict[str, str]
) -> None:
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    page = HtmlVisitor(app, client)
    sent = page.http.open

    def hostile(*args: Any, **options: Any) -> Any:
        given = dict(options.pop("headers", None) or {})
        return sent(*args, headers={**given, **headers}, **options)

    page.http.open = hostile  # type: ignore[method-assign]
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.answer is not None
    assert page.answer["iss"] == tenant.issuer
    assert _addresses(tenant.id) == {"127.0.0.1"}


@pytest.mark.parametrize("headers", HOSTILE, ids=str)
def test_l09_hostile_headers_change_no_url_in_documents_and_mails(
    app: Flask, make: Factory, headers: dict[str, str]
) -> None:
    tenant = make.tenant()
    outside = app.test_client()
    document = outside.get(f"{tenant.base_url}/.well-known/openid-configuration", headers=headers)
    assert document.get_json()["issuer"] == tenant.issuer
    page = at_identify(app, make.client(tenant))
    page.submit("sign_up")
    data = {"csrf_token": page.page.csrf_token, "email": "new@example.com"}
    page.http.post(page.form_url, data=data, headers=headers)
    ((_, mail),) = make.mails(tenant)
    assert "evil" not in str(mail)
    assert "203.0.113" not in str(mail)


@pytest.mark.parametrize("host", UNKNOWN_HOSTS, ids=ascii)
def test_h03_an_unknown_host_is_refused_and_never_echoed(app: Flask, host: str) -> None:
    for path in ("/", "/sign-in", "/.well-known/openid-configuration", "/oauth2/token"):
        response = app.test_client().get(f"http://localhost:8000{path}", headers={"Host": host})
        assert response.status_code in (400, 404, 421)
        assert "Set-Cookie" not in response.headers
        if len(host) > 3 and "localhost" not in host:
            assert host not in response.text + str(response.headers)


def test_h03_a_path_of_an_unknown_tenant_does_not_exist(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    slug = tenant.slug
    for path in (
        "/t/",
        "/t//",
        "/t/nobody/",
        f"/t/{slug.upper()}/sign-in",
        f"/t/{slug}/t/{slug}/sign-in",
        "/t/default/sign-in",
        f"/t/{slug};x/sign-in",
        f"/t/%00{slug}/sign-in",
        f"/t/{'x' * 5_000}/sign-in",
        "/.well-known/oauth-authorization-server/t/nobody",
    ):
        response = app.test_client().get(f"http://localhost:8000{path}")
        assert response.status_code in (400, 404), path
        assert slug.upper() not in response.text


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_h04_a_network_of_ipv6_counts_as_one(address: str, counted: str) -> None:
    assert network(address) == counted


def _sign_in_codes(page: HtmlVisitor, address: str, email: str) -> int:
    page.open()
    data = {"csrf_token": page.page.csrf_token, "email": email}
    response = page.http.post(page.form_url, data=data, environ_overrides={"REMOTE_ADDR": address})
    return response.status_code


def test_h04_moving_within_a_network_buys_no_more_codes(app: Flask, make: Factory) -> None:
    tenant = make.tenant(
        methods={"sign_in": ["email_code"], "sign_up": []}, limits={"codes_per_network": 3}
    )
    page = HtmlVisitor(app, make.client(tenant))
    statuses = [
        _sign_in_codes(page, f"2001:db8::{n:x}:1", f"somebody{n}@example.com") for n in range(6)
    ]
    assert statuses == [303, 303, 303, 429, 429, 429]
    assert _sign_in_codes(page, "2001:db8:0:1::1", "another@example.com") == 303


def test_h04_the_coarse_limit_counts_networks_too(
    settings: Settings, database_maker: DatabaseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The extension takes its limits from the first application of a process.
    fresh = Limiter(extensions.limiter._key_func)
    monkeypatch.setattr(extensions, "limiter", fresh)
    few = with_changes(settings, coarse_limit="5 per minute", database_url=database_maker.create())
    app = create_app(few)
    app.test_client_class = Client
    with app.app_context():
        migration.upgrade()
        Factory().default_tenant()
    statuses = [
        app.test_client()
        .get("http://localhost:8000/sign-in", environ_overrides={"REMOTE_ADDR": f"2001:db8::{n}"})
        .status_code
        for n in range(1, 8)
    ]
    with app.app_context():
        db.engine.dispose()
    assert statuses == [303] * 5 + [429] * 2


def test_h01_one_proxy_is_believed_once(settings: Settings, database_maker: DatabaseMaker) -> None:
    behind = with_changes(settings, trusted_proxies=1, database_url=database_maker.create())
    app = create_app(behind)
    app.test_client_class = Client
    with app.app_context():
        migration.upgrade()
        make = Factory()
        tenant = make.tenant()
        user = make.user(tenant)
        page = HtmlVisitor(app, make.client(tenant))
        sent = page.http.open

        def through_proxy(*args: Any, **options: Any) -> Any:
            given = dict(options.pop("headers", None) or {})
            forwarded = {"X-Forwarded-For": "10.9.9.9, 203.0.113.9", "X-Forwarded-Host": "evil"}
            return sent(*args, headers={**given, **forwarded}, **options)

        page.http.open = through_proxy  # type: ignore[method-assign]
        page.open()
        page.submit(email=user.email)
        page.submit(password=PASSWORD)
        assert _addresses(tenant.id) == {"203.0.113.9"}
        db.engine.dispose()
