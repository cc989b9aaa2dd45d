"""The setup portal as JSON: the same way, with the session token as bearer. Every answer is as the
document promises."""

import re
from typing import Any

import pytest
from flask import Flask

from app.actor import CLI
from app.api.setup.routes import OPERATIONS
from app.database import write
from app.directory import setup_access
from app.directory.tenants import Tenant
from tests.doubles import oidc_browser
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.factories import Factory
from tests.inspection import inspect
from tests.setup.admin import Admin, connections_of, link_for
from tests.setup.program import Program, code_of


@pytest.fixture
def program(app: Flask, tenant: Tenant, corp: str) -> Program:
    found = Program(app, tenant)
    assert found.open(link_for(tenant, corp)).status_code == 201
    return found


def begun(program: Program, provider: str = "generic") -> dict[str, Any]:
    response = program.call("POST", "/connections", {"provider": provider})
    assert response.status_code == 201
    place: dict[str, Any] = response.get_json()
    return place


def test_from_the_link_to_an_active_connection(
    app: Flask,
    program: Program,
    provider: OidcProvider,
    dns: DnsServer,
    tenant: Tenant,
    corp: str,
) -> None:
    place = begun(program)
    path = f"/connections/{place['id']}"
    assert place["status"] == "begun"
    assert place["ours"] == {"redirect_uri": f"{tenant.base_url}{path}/callback"}
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}
    saved = program.call("PUT", path, {"values": values, "name": "Work"})
    assert (saved.status_code, saved.get_json()["status"]) == (200, "draft")
    assert SECRET not in saved.text
    early = program.call("PUT", f"{path}/status", {"status": "active"})
    assert code_of(early) == (422, "no_domain")
    claim = program.call("POST", "/domains", {"domain": "acme.example"}).get_json()
    early = program.call("POST", f"/domains/{claim['id']}/check")
    assert code_of(early) == (422, "record_missing")
    dns.texts[claim["record_name"]] = [claim["record_value"]]
    assert program.call("POST", f"/domains/{claim['id']}/check").get_json()["is_proven"]
    early = program.call("PUT", f"{path}/status", {"status": "active"})
    assert code_of(early) == (422, "not_tested")
    test = program.call("POST", f"{path}/tests")
    assert test.status_code == 201
    returned = oidc_browser.visit(test.get_json()["go_to"])
    landed = app.test_client().get(returned.target, query_string=returned.parameters)
    inspect(landed.text)
    assert landed.status_code == 200
    assert "Set-Cookie" not in landed.headers or "authpage_session" not in str(landed.headers)
    (finding,) = program.call("GET", f"{path}/reports").get_json()["findings"]
    assert (finding["diagnosis"], finding["is_test"]) == ("ok", True)
    assert finding["arrived"]["email"] == "jane@acme.example"
    too_early = program.call("PUT", "/policy", {"sso": "domain"})
    assert code_of(too_early) == (422, "no_connection")
    assert program.call("PUT", f"{path}/status", {"status": "active"}).status_code == 200
    assert program.call("PUT", "/policy", {"sso": "domain"}).get_json() == {"sso": "domain"}
    seen = program.call("GET", "").get_json()
    assert [each["status"] for each in seen["connections"]] == ["active"]
    assert [each["is_proven"] for each in seen["domains"]] == [True]
    assert (seen["done"], seen["next"]) == (["provider", "domains", "test", "policy"], None)
    assert connections_of(tenant, corp)[0].is_usable
    assert program.call("DELETE", f"/domains/{claim['id']}").status_code == 204
    assert program.call("DELETE", "/session").status_code == 204
    assert code_of(program.call("GET", "")) == (401, "invalid_token")


def test_the_guides_come_in_words(program: Program) -> None:
    found = program.call("GET", "/providers").get_json()["providers"]
    assert {"entra", "okta", "google_workspace", "onelogin", "generic"} <= {
        each["key"] for each in found
    }
    assert all(each["steps"] and each["fields"] for each in found)
    steps = [step for each in found for step in each["steps"]]
    assert not [step for step in steps if "{{" in step["text"] or "setup." in step["text"]]
    pasted = {
        line["ours"] for step in steps if step["picture"] for line in step["picture"]["lines"]
    }
    assert pasted == {None, "redirect_uri", "acs_url", "entity_id"}


def test_the_link_opens_once(app: Flask, program: Program, tenant: Tenant, corp: str) -> None:
    link = link_for(tenant, corp)
    first, second = Program(app, tenant), Program(app, tenant)
    assert first.open(link).status_code == 201
    assert code_of(second.open(link)) == (410, "link_spent")
    assert code_of(second.open("otc_1.x")) == (410, "link_spent")
    assert code_of(second.call("GET", "")) == (401, "invalid_token")


def test_a_browsers_session_is_no_bearer_and_a_bearer_is_no_cookie(
    app: Flask, program: Program, tenant: Tenant, corp: str
) -> None:
    admin = Admin(app, tenant)
    admin.open(link_for(tenant, corp))
    path = admin.base.removeprefix(admin.origin)
    cookie = admin.http.get_cookie("authpage_setup", path=path)
    assert cookie is not None
    other = Program(app, tenant)
    other.token = cookie.value
    assert code_of(other.call("GET", "")) == (401, "invalid_token")
    stranger = Admin(app, tenant)
    stranger.http.set_cookie("authpage_setup", program.token, path=path)
    stranger.go("/setup/home")
    assert stranger.status == 403


def test_another_organizations_things_do_not_exist(
    program: Program, make: Factory, tenant: Tenant
) -> None:
    oidc = {"protocol": "oidc", "issuer": "https://idp.example", "client_id": "x"}
    theirs = make.connection(tenant, oidc, make.organization(tenant, "Umbrella"))
    path = f"/connections/{theirs.id}"
    attempts = [
        program.call("GET", path),
        program.call("PUT", path, {"values": {"issuer": "https://evil.example"}}),
        program.call("PUT", f"{path}/status", {"status": "disabled"}),
        program.call("POST", f"{path}/tests"),
        program.call("GET", f"{path}/reports"),
        program.call("POST", "/domains/dom_1/check"),
        program.call("DELETE", "/domains/dom_1"),
    ]
    assert [code_of(each) for each in attempts] == [(404, "not_found")] * len(attempts)
    assert connections_of(tenant, str(theirs.organization_id))[0].status == "active"


def test_what_was_begun_can_be_given_up(program: Program) -> None:
    path = f"/connections/{begun(program)['id']}"
    assert program.call("GET", "").get_json()["next"] == "provider"
    assert program.call("DELETE", path).status_code == 204
    assert code_of(program.call("DELETE", path)) == (404, "not_found")
    assert program.call("GET", "").get_json()["connections"] == []


def test_what_is_wrong_is_named(program: Program) -> None:
    place = begun(program, "okta_saml")
    path = f"/connections/{place['id']}"
    refused = program.call("PUT", path, {"values": {"metadata": "<x/>"}})
    assert code_of(refused) == (422, "metadata_unusable")
    assert refused.get_json()["field"] == "metadata"
    assert code_of(program.call("PUT", path, {"values": {}})) == (422, "bad_value")
    assert code_of(program.call("POST", "/connections", {"provider": "x"})) == (404, "not_found")
    assert code_of(program.call("POST", "/domains", {"domain": "gmail.com"})) == (
        422,
        "bad_domain",
    )
    assert code_of(program.call("POST", "/domains", {"other": 1})) == (400, "invalid_request")


def test_a_session_ends_with_its_link(program: Program, tenant: Tenant) -> None:
    with write(tenant.id) as session:
        (link,) = setup_access.list_links(session, tenant)
        setup_access.revoke_link(session, CLI, tenant, link.id)
    assert code_of(program.call("GET", "")) == (401, "invalid_token")


def test_every_route_but_the_first_wants_a_session(app: Flask, tenant: Tenant) -> None:
    stranger = Program(app, tenant)
    for each in OPERATIONS:
        if not each.is_open:
            path = re.sub(r"\{\w+\}", "x", each.path)
            assert code_of(stranger.call(each.method, path)) == (401, "invalid_token"), path
