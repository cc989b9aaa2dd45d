"""X11: what a host of a tenant's own serves, and for which ones a proxy may make certificates."""

from dataclasses import replace

import pytest
from flask import Flask

from app.actor import CLI
from app.database import EVERYWHERE, write
from app.directory import tenants
from app.ids import new_id
from tests.factories import PASSWORD, Factory, MadeClient
from tests.visitors import HtmlVisitor

ASK = "http://127.0.0.1:8000/internal/tls-ask"


def _host() -> str:
    return f"{new_id('h').replace('_', '')}.example"


def _on_another_host(make: Factory) -> MadeClient:
    """A client of a tenant under a path, seen through a host that the tenant was given later."""
    made, host = make.tenant(), _host()
    with write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, made.id, host)
    found = tenants.by_host(host)
    assert found is not None
    client = make.client(found)
    return replace(client, tenant=replace(found, served_at=f"http://{host}"))


def test_x11_a_sign_in_stays_on_the_host_and_the_issuer_stays_what_it_was(
    app: Flask, make: Factory
) -> None:
    client = _on_another_host(make)
    user = make.user(client.tenant)
    page = HtmlVisitor(app, client)
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.answer is not None
    assert page.answer["iss"] == client.tenant.issuer
    assert "/t/" in client.tenant.issuer
    document = page.http.get(f"{client.tenant.base_url}/.well-known/openid-configuration")
    assert document.get_json()["issuer"] == client.tenant.issuer


def test_x11_another_host_of_the_tenant_is_another_origin(app: Flask, make: Factory) -> None:
    client = _on_another_host(make)
    page = HtmlVisitor(app, client)
    page.open()
    data = {"csrf_token": page.page.csrf_token, "email": "jane@example.com"}
    issuer = "http://localhost:8000"
    refused = page.http.post(page.form_url, data=data, headers={"Origin": issuer})
    own = page.http.post(page.form_url, data=data, headers={"Origin": client.tenant.base_url})
    assert (refused.status_code, own.status_code) == (403, 303)


def _ask(app: Flask, host: str, address: str = "127.0.0.1", **headers: str) -> int:
    query = {"domain": host} if host else {}
    return (
        app.test_client()
        .get(ASK, query_string=query, headers=headers, environ_overrides={"REMOTE_ADDR": address})
        .status_code
    )


def test_a_certificate_is_made_for_the_hosts_of_active_tenants_alone(
    app: Flask, make: Factory
) -> None:
    host = _host()
    tenant = make.tenant(host=host)
    assert [_ask(app, each) for each in (host, host.upper())] == [200, 200]
    assert [_ask(app, each) for each in ("", _host(), f"a.{host}", "localhost:8000")] == [404] * 4
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, status="disabled")
    assert _ask(app, host) == 404


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.9", {}),
        ("10.0.0.8", {}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}),
    ],
    ids=str,
)
def test_strangers_learn_nothing_about_hosts(
    app: Flask, make: Factory, address: str, headers: dict[str, str]
) -> None:
    host = _host()
    make.tenant(host=host)
    assert _ask(app, host, address, **headers) == 404


def test_a_proxy_elsewhere_asks_with_the_token(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = _host()
    make.tenant(host=host)
    changed = app.config["AUTHPAGE"].model_copy(update={"tls_ask_token": "a long secret"})
    monkeypatch.setitem(app.config, "AUTHPAGE", changed)
    asked = [
        app.test_client().get(
            ASK,
            query_string={"domain": host, "token": token},
            environ_overrides={"REMOTE_ADDR": "10.0.0.8"},
        )
        for token in ("a long secret", "another", "")
    ]
    assert [each.status_code for each in asked] == [200, 404, 404]
