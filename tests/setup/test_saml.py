"""SAML from a link to a tested connection: metadata by upload, paste and address, and a way to a
provider of another make and back."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.directory.connection_settings import SamlSettings
from app.directory.tenants import Tenant
from tests.doubles import form_browser
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.saml_script import Script
from tests.factories import Factory
from tests.setup.admin import Admin, connections_of, link_for
from tests.setup.program import Program
from tests.visitors import Page


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamlProvider]:
    with SamlProvider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(app: Flask, running: SamlProvider) -> Iterator[SamlProvider]:
    """The company's provider; it may be reached."""
    chosen = app.config["AUTHPAGE"]
    allowed = (*chosen.outbound_allow, running.host)
    app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": allowed})
    running.act_out(Script())
    yield running
    app.config["AUTHPAGE"] = chosen


@pytest.fixture
def admin(app: Flask, tenant: Tenant, corp: str) -> Admin:
    """At the general guide for SAML."""
    found = Admin(app, tenant)
    found.open(link_for(tenant, corp))
    found.press("/setup/providers", provider="generic_saml")
    return found


def settings_of(tenant: Tenant, corp: str) -> SamlSettings:
    (found,) = connections_of(tenant, corp)
    assert isinstance(found.settings, SamlSettings)
    return found.settings


@pytest.mark.parametrize("way", ["upload", "paste", "address"])
def test_metadata_by_every_way(
    admin: Admin, provider: SamlProvider, tenant: Tenant, corp: str, way: str
) -> None:
    raw = provider.metadata()
    ways: dict[str, dict[str, Any]] = {
        "upload": {"metadata_file": (BytesIO(raw), "metadata.xml")},
        "paste": {"metadata": raw.decode()},
        "address": {"metadata_url": provider.metadata_url},
    }
    path = admin.path
    admin.press(path, **ways[way])
    assert (admin.told, admin.path) == ("setup.told_saved", "/setup/domains")
    found = settings_of(tenant, corp)
    assert found.sso_url.startswith(f"http://{provider.host}/")
    assert found.email_is_proof == "domain"
    assert found.metadata_url == (provider.metadata_url if way == "address" else None)
    assert len(found.certificates) == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, {"metadata_url": "setup.metadata_needed"}),
        ({"metadata_url": "http://127.0.0.1:9/x"}, {"metadata_url": "setup.metadata_away"}),
    ],
)
def test_no_metadata_is_said(
    admin: Admin, tenant: Tenant, corp: str, fields: dict[str, str], error: dict[str, str]
) -> None:
    admin.press(admin.path, **fields)
    assert (admin.status, admin.errors) == (422, error)
    assert connections_of(tenant, corp) == []


@pytest.mark.parametrize("raw", [b"<x/>", b"no xml", b"\xff\xfe\x00", b"<!DOCTYPE x><x/>"])
def test_what_is_no_metadata_is_refused_at_its_field(
    admin: Admin, tenant: Tenant, corp: str, raw: bytes
) -> None:
    admin.press(admin.path, metadata_file=(BytesIO(raw), "metadata.xml"), name="Work")
    error = "setup.metadata_unusable"
    assert (admin.status, admin.errors) == (422, {"metadata_file": error})
    assert admin.value("name") == "Work"
    assert connections_of(tenant, corp) == []


def test_what_was_pasted_is_kept_when_it_is_wrong(admin: Admin) -> None:
    admin.press(admin.path, metadata="<b>no metadata</b>")
    error = "setup.metadata_unusable"
    assert (admin.status, admin.errors) == (422, {"metadata": error})
    assert admin.value("metadata") == "<b>no metadata</b>"


@pytest.mark.parametrize("field", ["metadata_file", "metadata"])
def test_s15_metadata_may_have_256_kb_and_no_more(
    admin: Admin, provider: SamlProvider, tenant: Tenant, corp: str, field: str
) -> None:
    def given(size: int) -> Any:
        raw = provider.metadata() + b"<!--" + b"x" * size + b"-->"
        return (BytesIO(raw), "metadata.xml") if field == "metadata_file" else raw.decode()

    path = admin.path
    refused = admin.post(path, **{field: given(400_000)})
    assert refused.status_code == 413
    assert "give its address instead" in refused.text
    assert connections_of(tenant, corp) == []
    admin.press(path, **{field: given(250_000)})
    assert (admin.told, settings_of(tenant, corp).metadata_url) == ("setup.told_saved", None)


def test_a_sign_in_is_tested_there_and_back(
    admin: Admin, make: Factory, provider: SamlProvider, tenant: Tenant, corp: str
) -> None:
    path = admin.path
    ours = admin.http.get(f"{admin.base}{path}/metadata.xml")
    assert ours.mimetype == "application/samlmetadata+xml"
    provider.trust(ours.data)
    make.domain(tenant, corp, "example.com", sso="optional")
    admin.press(path, metadata_file=(BytesIO(provider.metadata()), "metadata.xml"))
    left = Page(admin.post(f"{path}/test").text).refresh_url
    assert left is not None
    login = form_browser.form_of(left)
    answer = form_browser.form_of(login.action, login.fields)
    cross_site = {"Origin": f"http://{provider.host}", "Sec-Fetch-Site": "cross-site"}
    posted = admin.http.post(answer.action, data=answer.fields, headers=cross_site)
    admin.follow(posted)
    assert (admin.path, admin.diagnoses) == (f"{path}/test", ["ok"])
    assert "ada@example.com" in admin.text
    admin.follow(admin.http.post(answer.action, data=answer.fields, headers=cross_site))
    assert admin.status == 400, "The same answer counts once."


def test_an_application_tests_and_activates_for_its_admin(
    app: Flask, make: Factory, provider: SamlProvider, tenant: Tenant, corp: str
) -> None:
    """The provider's answer comes to a browser that holds nothing of the setup."""
    program = Program(app, tenant)
    program.open(link_for(tenant, corp))
    place = program.call("POST", "/connections", {"provider": "generic_saml"}).get_json()
    path = f"/connections/{place['id']}"
    browser = Admin(app, tenant)
    provider.trust(browser.http.get(place["ours"]["metadata_url"]).data)
    make.domain(tenant, corp, "example.com", sso="optional")
    entered = {"values": {"metadata": provider.metadata().decode()}, "name": "Work"}
    assert program.call("PUT", path, entered).get_json()["status"] == "draft"
    test = program.call("POST", f"{path}/tests").get_json()
    login = form_browser.form_of(test["go_to"], test["form"])
    answer = form_browser.form_of(login.action, login.fields)
    cross_site = {"Origin": f"http://{provider.host}", "Sec-Fetch-Site": "cross-site"}
    browser.follow(browser.http.post(answer.action, data=answer.fields, headers=cross_site))
    assert browser.status == 200
    (finding,) = program.call("GET", f"{path}/reports").get_json()["findings"]
    assert (finding["diagnosis"], finding["arrived"]["email"]) == ("ok", "ada@example.com")
    active = program.call("PUT", f"{path}/status", {"status": "active"}).get_json()
    assert (active["status"], active["is_tested"]) == ("active", True)
    browser.go("/setup/home")
    assert browser.status == 403, "The test let nobody in."
