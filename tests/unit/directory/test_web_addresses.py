"""R02, R14: where a client may have browsers sent, refused or taken at registration."""

import pytest

from app.actor import CLI
from app.database import read, write
from app.directory import clients
from app.directory.clients import Registration
from app.directory.errors import BadValue
from app.directory.tenants import Tenant
from app.directory.web_addresses import check_origin, check_redirect_uri, check_url

GOOD = [
    "https://app.example/cb",
    "https://app.example",
    "https://app.example:8443/cb?tenant=a",
    "https://xn--bcher-kva.example/cb",
    "https://192.0.2.1/cb",
    "http://localhost:8001/auth/callback",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:49152/cb",
    "http://[::1]:8000/cb",
]
BAD = [
    "",
    "app.example/cb",
    "//app.example/cb",
    "/cb",
    "http://app.example/cb",
    "http://localhost:80@attacker.example/cb",
    "https://app.example@attacker.example/cb",
    "https://user:secret@app.example/cb",
    "https://@app.example/cb",
    "http://[::ffff:127.0.0.1]/cb",
    "http://[::2]/cb",
    "http://127.0.0.1.attacker.example/cb",
    "http://localhost.attacker.example/cb",
    "http://127.1/cb",
    "http://0.0.0.0/cb",
    "https://app.example/cb#fragment",
    "https://app.example/cb#",
    "https://*.app.example/cb",
    "https://app.example:0/cb",
    "https://app.example:/cb",
    "https://app.example:99999/cb",
    "https://app.example:port/cb",
    "https:///cb",
    "https:app.example/cb",
    "https:/app.example/cb",
    "https://app.example\\@attacker.example/cb",
    "https://app.example/cb\r\nSet-Cookie:a=b",
    "https://app.example/c b",
    "https://app.example/\x00",
    "https://app.example/\u202e",
    "https://bücher.example/cb",
    "https://app.example/<script>",
    'https://app.example/"onload="',
    " https://app.example/cb",
    "https://app.example/cb\n",
    "https://app%2eexample/cb",
    "https://app..example/cb",
    "https://-app.example/cb",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "about:blank",
    "ftp://app.example/cb",
    "HTTPS://app.example/cb",
    "https://app.example/" + "x" * 2_000,
]
PRIVATE = ["com.example.app:/cb", "com.example.app://cb", "com.example.app:/oauth2redirect?x=1"]


@pytest.mark.parametrize("uri", GOOD)
def test_good_redirect_uri_is_taken(uri: str) -> None:
    check_redirect_uri("redirect_uris", uri, is_native=False)
    check_redirect_uri("redirect_uris", uri, is_native=True)


@pytest.mark.parametrize("uri", BAD)
def test_bad_redirect_uri_is_refused(uri: str) -> None:
    for is_native in (False, True):
        with pytest.raises(BadValue):
            check_redirect_uri("redirect_uris", uri, is_native=is_native)


@pytest.mark.parametrize("uri", BAD)
def test_bad_url_is_refused(uri: str) -> None:
    with pytest.raises(BadValue):
        check_url("logo_url", uri)


@pytest.mark.parametrize("uri", PRIVATE)
def test_private_use_scheme_is_for_native_applications(uri: str) -> None:
    check_redirect_uri("redirect_uris", uri, is_native=True)
    with pytest.raises(BadValue):
        check_redirect_uri("redirect_uris", uri, is_native=False)


@pytest.mark.parametrize("uri", ["myapp:/cb", "myapp://cb", "com.example.app:/cb#f", "a.b://u@c"])
def test_private_use_scheme_is_a_reversed_domain(uri: str) -> None:
    with pytest.raises(BadValue):
        check_redirect_uri("redirect_uris", uri, is_native=True)


@pytest.mark.parametrize("origin", ["https://app.example", "http://localhost:8001"])
def test_good_origin_is_taken(origin: str) -> None:
    check_origin("origins", origin)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://app.example/",
        "https://app.example/cb",
        "https://app.example:443",
        "http://localhost:80",
        "https://App.example",
        "http://app.example",
        "https://app.example?x",
    ],
)
def test_bad_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadValue):
        check_origin("origins", origin)


@pytest.mark.parametrize(
    "registration",
    [
        {"redirect_uris": ["javascript:alert(1)"]},
        {"post_logout_redirect_uris": ["data:text/html,x"]},
        {"origins": ["*"]},
        {"ui_url": "javascript:alert(1)"},
        {"link_url": "javascript:alert(1)"},
        {"link_url": "http://app.example/link"},
        {"home_url": "javascript:alert(1)"},
        {"logo_url": "data:image/svg+xml,x"},
        {"policy_url": "javascript:alert(1)"},
        {"terms_url": "http://app.example"},
    ],
    ids=lambda registration: next(iter(registration)),
)
def test_r14_every_address_of_a_client_is_checked_at_every_save(
    tenant: Tenant, registration: Registration
) -> None:
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.create(session, CLI, name="Shop", **registration)
    with write(tenant.id) as session:
        client, _ = clients.create(session, CLI, name="Shop")
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.update(session, CLI, client.id, **registration)
    with read(tenant.id) as session:
        assert clients.find(session, client.id) == client
