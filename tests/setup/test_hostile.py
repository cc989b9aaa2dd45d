"""SECURITY N02, N06, C02: what an admin who means harm enters, and what a hostile provider says."""

from io import BytesIO

import pytest
from flask import Flask

from app.actor import CLI
from app.directory.tenants import Tenant
from app.setup import access
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import OidcProvider
from tests.doubles.web_server import WebServer
from tests.outgoing.sockets import watched
from tests.setup.admin import Admin, connections_of, link_for
from tests.setup.oidc_steps import bring, connect, to_provider

_INSIDE = (
    "http://127.0.0.1:9/metadata",
    "https://127.0.0.1/metadata",
    "https://[::ffff:127.0.0.1]/metadata",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/metadata",
    "https://localhost/metadata",
    "https://user:password@idp.example/metadata",
    "file:///etc/passwd",
    "gopher://127.0.0.1/x",
)
_SCRIPT = '"><script>alert(1)</script>'


def begin_saml(admin: Admin) -> str:
    admin.press("/setup/providers", provider="generic_saml")
    return admin.path


@pytest.mark.parametrize("inside", _INSIDE)
def test_n02_metadata_is_fetched_from_nowhere_inside(
    admin: Admin, tenant: Tenant, corp: str, inside: str
) -> None:
    path = begin_saml(admin)
    with watched() as opened:
        admin.press(path, metadata_url=inside)
    assert opened.targets == []
    assert (admin.status, admin.errors) == (422, {"metadata_url": "setup.metadata_away"})
    assert admin.value("metadata_url") == inside
    assert connections_of(tenant, corp) == []


def test_n02_a_redirect_leads_nowhere_inside(app: Flask, admin: Admin) -> None:
    path = begin_saml(admin)
    with WebServer() as outside, WebServer() as inside:
        host = outside.address
        chosen = app.config["AUTHPAGE"]
        app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": (host,)})
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://{inside.address}/\r\n"
        outside.answers["/metadata"] = f"{moved}Content-Length: 0\r\n\r\n".encode()
        admin.press(path, metadata_url=f"http://{host}/metadata")
        app.config["AUTHPAGE"] = chosen
        assert len(outside.received) == 1
        assert inside.received == []
    assert admin.errors == {"metadata_url": "setup.metadata_away"}


def test_n06_metadata_is_not_read_without_an_end(app: Flask, admin: Admin) -> None:
    path = begin_saml(admin)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n"
    with WebServer() as endless:
        chosen = app.config["AUTHPAGE"]
        app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": (endless.address,)})
        endless.answers["/metadata"] = lambda: [head, *[b"<!-- -->" * 8_192] * 64]
        admin.press(path, metadata_url=f"http://{endless.address}/metadata")
        app.config["AUTHPAGE"] = chosen
    assert admin.errors == {"metadata_url": "setup.metadata_away"}


def test_n06_a_file_that_is_too_large_is_said(admin: Admin, tenant: Tenant, corp: str) -> None:
    path = begin_saml(admin)
    admin.press(path, metadata_file=(BytesIO(b" " * 400_000), "metadata.xml"))
    assert admin.status == 413
    assert connections_of(tenant, corp) == []


@pytest.mark.parametrize("inside", _INSIDE[:6])
def test_n02_a_test_asks_no_issuer_inside(admin: Admin, inside: str) -> None:
    admin.press("/setup/providers", provider="generic")
    path = admin.path
    admin.press(path, issuer=inside, client_id="x", client_secret="y")
    if admin.status == 422:
        assert admin.errors == {"issuer": "setup.bad_value"}
        return
    with watched() as opened:
        admin.press(f"{path}/test")
    assert opened.targets == []
    assert admin.diagnoses == ["discovery_unusable"]


def test_what_is_entered_and_what_arrives_is_text(admin: Admin, provider: OidcProvider) -> None:
    """Each page that the admin fetches is looked through for scripts."""
    path = connect(admin, provider, name=_SCRIPT, client_id="<b>", issuer="")
    assert admin.value("name") == _SCRIPT
    path = connect(admin, provider, name=_SCRIPT)
    provider.script.person |= {"name": _SCRIPT, "groups": [_SCRIPT]}
    bring(admin, oidc_browser.visit(to_provider(admin, path)))
    for page in (f"{path}/test", "/setup/home", path):
        admin.go(page)
        assert admin.status == 200
        assert "<script>alert" not in admin.text
    admin.press("/setup/domains", domain=f"acme.example{_SCRIPT}")
    assert admin.errors == {"domain": "setup.bad_domain"}
    assert "<script>alert" not in admin.text


def test_c02_the_sessions_cookie_is_of_this_host_alone_and_believed_once(
    app: Flask, tenant: Tenant, corp: str
) -> None:
    admin = Admin(app, tenant)
    admin.go(f"/setup?token={link_for(tenant, corp)}")
    opened = admin.post("/setup")
    path = admin.base.removeprefix(admin.origin)
    (set_cookie,) = [
        each for each in opened.headers.getlist("Set-Cookie") if each.startswith("authpage_setup=")
    ]
    parts = {each.strip() for each in set_cookie.split(";")}
    assert {"HttpOnly", "SameSite=Lax", f"Path={path}"} <= parts
    assert "Domain" not in set_cookie
    value = set_cookie.partition("=")[2].partition(";")[0]
    bare = app.test_client(use_cookies=False)

    def look(cookies: str) -> int:
        return bare.get(f"{admin.base}/setup/home", headers={"Cookie": cookies}).status_code

    assert look(f"authpage_setup={value}") == 200
    assert look(f"authpage_setup={value}; authpage_setup={value}") == 403
    assert look(f"authpage_session={value}") == 403
    for page in ("/account", "/account/security"):
        answer = bare.get(f"{admin.base}{page}", headers={"Cookie": f"authpage_setup={value}"})
        assert answer.status_code == 303, "It is nobody's account."


def test_a_token_of_the_setup_opens_no_other_api(app: Flask, tenant: Tenant, corp: str) -> None:
    token = access.enter(tenant, CLI, link_for(tenant, corp), "api")
    bare = app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {token}"}
    base = tenant.base_url
    assert bare.get(f"{base}/api/v1/setup", headers=headers).status_code == 200
    for path in ("/api/v1/account", "/api/v1/account/sessions", "/oauth2/userinfo"):
        assert bare.get(f"{base}{path}", headers=headers).status_code in (401, 404), path
