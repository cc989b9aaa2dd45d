"""X03, T09, M06: host, path, header and token must name one tenant, and half a sign-in is none."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import EVERYWHERE, write
from app.directory import tenants
from app.directory.tenants import Tenant
from tests.factories import PASSWORD, Factory
from tests.security.doors import at_identify, signed_in
from tests.visitors import HtmlVisitor, JsonVisitor, authorization


def _own_host(make: Factory) -> Tenant:
    return make.tenant(host=f"h{make.tenant().slug}.localhost:8000".replace("_", "-"))


def test_x03_a_tenant_answers_at_its_own_address_alone(app: Flask, make: Factory) -> None:
    hosted, below = _own_host(make), make.tenant()
    outside = app.test_client()
    host = hosted.base_url.removeprefix("http://")
    document = "/.well-known/openid-configuration"
    assert outside.get(hosted.base_url + document).get_json()["issuer"] == hosted.base_url
    for url, sent in (
        (f"http://localhost:8000/t/{hosted.slug}{document}", {}),
        (f"{hosted.base_url}/t/{below.slug}{document}", {}),
        (f"{hosted.base_url}/t/{hosted.slug}{document}", {}),
        (f"http://localhost:8000{document}", {"Host": f"x{host}"}),
        (f"http://localhost:8000/t/{below.slug}{document}", {"Host": host}),
    ):
        response = outside.get(url, headers=sent)
        assert response.status_code in (404, 421), url


@pytest.mark.parametrize("header", ["X-Tenant", "X-Tenant-Id", "Tenant", "X-Forwarded-Host"])
def test_x03_no_header_chooses_the_tenant(app: Flask, make: Factory, header: str) -> None:
    one, other = make.tenant(), make.tenant()
    response = app.test_client().get(
        f"{one.base_url}/.well-known/openid-configuration?tenant={other.slug}",
        headers={header: other.slug},
    )
    assert response.get_json()["issuer"] == one.issuer


def test_t09_keys_and_issuers_are_each_tenants_own(app: Flask, make: Factory) -> None:
    outside = app.test_client()
    kids = [
        {key["kid"] for key in outside.get(f"{t.base_url}/oauth2/jwks").get_json()["keys"]}
        for t in (make.tenant(), make.tenant())
    ]
    assert kids[0]
    assert not kids[0] & kids[1]


def test_m06_half_a_sign_in_opens_nothing(app: Flask, make: Factory) -> None:
    tenant = make.tenant(organizations={"choice": "required"})
    user = make.user(tenant)
    make.organization(tenant, "One", user)
    make.organization(tenant, "Two", user)
    client = make.client(tenant)
    page = HtmlVisitor(app, client)
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.screen == "choose_organization"
    assert page.get(f"{page.base}/account").status_code == 303
    asked = authorization(client, prompt="none")
    silent = page.get(f"{page.base}/oauth2/authorize", query_string=asked)
    assert "error=login_required" in silent.headers["Location"]
    cookies = [str(cookie.key) for cookie in (page.http._cookies or {}).values()]
    assert "authpage_session" not in cookies


def test_m06_a_flow_token_is_no_access_token_and_the_reverse(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    client = make.client(tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    outside = app.test_client()
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    assert outside.get(f"{tenant.base_url}/oauth2/userinfo", headers=bearer).status_code == 401
    assert outside.get(f"{tenant.base_url}/flow/{visitor.flow_id}").status_code == 404
    page = at_identify(app, client)
    page.submit(email="jane@example.com")
    flow_id = page.url.rpartition("/")[2]
    url = f"{tenant.base_url}/headless/v1/flows/{flow_id}"
    assert outside.get(url, headers=bearer).status_code == 404


def test_m12_a_tenant_that_is_disabled_serves_nobody(app: Flask, make: Factory) -> None:
    page = signed_in(app, make)
    tenant = page.client.tenant
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, status="disabled")
    for path in ("/account", "/sign-in", "/oauth2/jwks", "/.well-known/openid-configuration"):
        assert page.get(page.base + path).status_code == 404
    response = page.http.post(f"{page.base}/oauth2/token", data={"grant_type": "refresh_token"})
    assert response.status_code == 404
