"""What a client asks of a sign-in is asked of the provider too, and its answer is checked."""

import base64
import zlib
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import write
from app.directory import connections
from app.directory.tenants import Tenant
from app.models import Session, UpstreamReport
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import REMOVED
from tests.doubles.saml_keys import make_keys
from tests.factories import Factory
from tests.journeys.federation import Meet, off
from tests.journeys.moves import claims, rows
from tests.visitors import Visit

TWO = "urn:authpage:acr:2fa"


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _diagnoses(tenant: Tenant) -> list[str]:
    return [row.diagnosis for row in rows(UpstreamReport, tenant)]


@pytest.mark.parametrize(
    ("asked", "prompt", "max_age"),
    [
        ({}, None, None),
        ({"prompt": "login"}, "login", 0),
        ({"max_age": "600"}, "login", 600),
        ({"prompt": "select_account"}, "select_account", None),
    ],
    ids=["nothing", "login", "age", "choice"],
)
def test_what_the_client_asks_is_asked_of_the_provider(
    make: Factory,
    visit: Visit,
    meet: Meet,
    asked: dict[str, str],
    prompt: str | None,
    max_age: int | None,
) -> None:
    tenant = make.tenant()
    corp = meet(tenant, "custom_oidc")
    _, url = corp.leave(visit(make.client(tenant), login_hint="jane@acme.example", **asked))
    query = _query(url)
    assert (query.get("prompt"), query["login_hint"]) == (prompt, "jane@acme.example")
    assert ("max_age" in query) == (max_age is not None)
    assert max_age is None or max_age <= int(query["max_age"]) < max_age + 60


@pytest.mark.parametrize("trusted", [True, False])
def test_a_class_is_asked_only_of_a_provider_that_is_trusted_to_give_it(
    make: Factory, visit: Visit, meet: Meet, trusted: bool
) -> None:
    tenant = make.tenant()
    corp = meet(tenant, "custom_oidc", trusts_mfa=trusted)
    _, url = corp.leave(visit(make.client(tenant), acr_values=TWO))
    assert _query(url).get("acr_values") == (TWO if trusted else None)


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "600"}], ids=["login", "age"])
def test_i10_an_old_sign_in_there_will_not_do_where_a_fresh_one_is_asked(
    app: Flask, make: Factory, visit: Visit, meet: Meet, asked: dict[str, str]
) -> None:
    tenant = make.tenant()
    client, google = make.client(tenant), meet(tenant)
    google.provider.script.changed["auth_time"] = clock.now_seconds() - 3_600
    browser = google.pass_through(visit(client, **asked))
    assert (browser.screen, browser.message) == ("identify", "error.upstream_failed")
    assert _diagnoses(tenant) == ["proof_too_old"]
    assert rows(Session, tenant) == []
    google.provider.script.changed["auth_time"] = clock.now_seconds()
    fresh = claims(app, google.pass_through(visit(client, **asked)))
    assert fresh["auth_time"] >= clock.now_seconds() - 60


def test_i10_when_it_was_is_passed_on_to_the_client(
    app: Flask, make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    client, google = make.client(tenant), meet(tenant)
    long_ago = clock.now_seconds() - 3_600
    google.provider.script.changed["auth_time"] = long_ago
    assert claims(app, google.pass_through(visit(client)))["auth_time"] == long_ago
    google.provider.script.changed["auth_time"] = REMOVED
    silent = claims(app, google.pass_through(visit(client, prompt="login")))
    assert silent["auth_time"] > long_ago


def test_a13_an_answer_to_what_was_asked_of_another_issuer_is_refused(
    make: Factory, visit: Visit, meet: Meet
) -> None:
    tenant = make.tenant()
    google = meet(tenant)
    browser, url = google.leave(visit(make.client(tenant)))
    settings = google.connection.settings.model_copy(update={"issuer": "https://evil.example"})
    with write(tenant.id) as session:
        connections.update(session, CLI, google.connection.id, settings=settings)
    google.come_back(browser, oidc_browser.visit(url))
    assert (browser.screen, browser.message) == ("identify", "error.upstream_failed")
    assert _diagnoses(tenant) == ["connection_changed"]
    assert rows(Session, tenant) == []
    tokens = [each for each in google.provider.asked if each.path == google.provider.dialect.token]
    assert tokens == [], "Nobody's code is shown to another provider."


@pytest.mark.parametrize("prompt", ["", "login"])
def test_saml_forces_a_sign_in_where_a_fresh_one_is_asked(
    make: Factory, visit: Visit, tmp_path: Path, prompt: str
) -> None:
    tenant = make.tenant()
    settings = {
        "protocol": "saml",
        "issuer": "https://idp.example/entity",
        "sso_url": "https://idp.example/sso",
        "certificates": [make_keys(tmp_path, "idp").pem],
    }
    connection = make.connection(tenant, settings, secret=None, provider="generic_saml")
    visitor = visit(make.client(tenant), prompt=prompt)
    browser, url = off(visitor, visitor.post(f"connect:{connection.id}"))
    sent = _query(browser.get(url).headers["Location"])["SAMLRequest"]
    request = zlib.decompress(base64.b64decode(sent), -15)
    assert (b'ForceAuthn="true"' in request) == (prompt == "login")
