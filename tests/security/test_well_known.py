"""K09 and the app associations: only what settings and hosts of this very tenant say."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.actor import CLI
from app.database import EVERYWHERE, write
from app.directory import settings_store, tenants
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.factories import Factory

EVERY = (
    "change-password",
    "passkey-endpoints",
    "webauthn",
    "apple-app-site-association",
    "assetlinks.json",
)


def _host() -> str:
    return f"{new_id('h').replace('_', '-')}.example"


def _ask(app: Flask, tenant: Tenant, name: str) -> TestResponse:
    return app.test_client().get(f"{tenant.base_url}/.well-known/{name}")


def _with_hosts(make: Factory, *hosts: str, **passkeys: Any) -> Tenant:
    """A tenant on the first host that answers on the others too."""
    made = make.tenant(host=hosts[0])
    with write(EVERYWHERE) as session:
        for host in hosts[1:]:
            tenants.add_host(session, CLI, made.id, host)
    with write(made.id) as session:
        settings_store.publish(session, CLI, "passkeys", passkeys)
    found = tenants.by_id(made.id)
    assert found is not None
    return found


@pytest.mark.parametrize("name", EVERY)
def test_a_tenant_under_a_path_has_none(app: Flask, make: Factory, name: str) -> None:
    assert _ask(app, make.tenant(), name).status_code == 404


@pytest.mark.parametrize("name", EVERY)
def test_a_tenant_on_its_own_host_has_all(app: Flask, make: Factory, name: str) -> None:
    response = _ask(app, make.tenant(host=_host()), name)
    assert response.status_code == (303 if name == "change-password" else 200)
    assert response.headers["Cache-Control"] == "public, max-age=3600"


def test_the_password_page_is_found(app: Flask, make: Factory) -> None:
    tenant = make.tenant(host=_host())
    location = _ask(app, tenant, "change-password").headers["Location"]
    assert location == f"{tenant.base_url}/account/password"


def test_passkeys_are_made_and_managed_in_the_account(app: Flask, make: Factory) -> None:
    tenant = make.tenant(host=_host())
    told = _ask(app, tenant, "passkey-endpoints").get_json()
    assert set(told) == {"enroll", "manage"}
    assert all(url.startswith(f"{tenant.base_url}/account/") for url in told.values())


def test_k09_only_hosts_of_the_tenant_are_related(app: Flask, make: Factory) -> None:
    first, second, foreign, neighbours = (_host() for _ in range(4))
    make.tenant(host=neighbours)
    named = [f"http://{host}" for host in (second, foreign, neighbours, first)]
    named += [f"https://{second}", f"http://{second}:81"]
    tenant = _with_hosts(make, first, second, related_origins=named)
    response = _ask(app, tenant, "webauthn")
    assert response.mimetype == "application/json"
    assert response.get_json() == {"origins": [f"http://{second}"]}


def test_k09_related_origins_are_five_at_most(app: Flask, make: Factory) -> None:
    hosts = [_host() for _ in range(9)]
    named = [f"http://{host}" for host in hosts[1:]]
    tenant = _with_hosts(make, *hosts, related_origins=named)
    assert _ask(app, tenant, "webauthn").get_json() == {"origins": named[:5]}


def test_apps_are_those_of_the_settings(app: Flask, make: Factory) -> None:
    fingerprint = ":".join(["AB"] * 32)
    tenant = _with_hosts(
        make,
        _host(),
        ios_apps=["ABCDE12345.com.example.app"],
        android_apps=[{"package": "com.example.app", "fingerprints": [fingerprint]}],
    )
    ios = _ask(app, tenant, "apple-app-site-association")
    assert ios.mimetype == "application/json"
    assert ios.get_json() == {"webcredentials": {"apps": ["ABCDE12345.com.example.app"]}}
    assert _ask(app, tenant, "assetlinks.json").get_json() == [
        {
            "relation": ["delegate_permission/common.get_login_creds"],
            "target": {
                "namespace": "android_app",
                "package_name": "com.example.app",
                "sha256_cert_fingerprints": [fingerprint],
            },
        }
    ]
