"""SECURITY N01 to N04, N07 and G23: where outgoing requests may go."""

from pathlib import Path

import pytest
from flask import Flask

from app.config import PROJECT, Settings
from app.outgoing import Blocked, Unreachable, fetch
from app.public_addresses import is_public
from tests.doubles.dns_server import DnsServer
from tests.doubles.web_server import WebServer
from tests.outgoing.conftest import NAME, OTHER_PUBLIC, PUBLIC, Connections

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_n02_no_special_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "2130706433", "8.8.8.8.", "fe80::1%eth0"]
)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("address", PRIVATE)
def test_g23_no_url_and_no_name_connects_to_a_special_address(
    app: Flask, dns: DnsServer, connections: Connections, address: str
) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Blocked):
        fetch(f"https://{host}/")
    dns.records[NAME] = [[address]]
    with pytest.raises(Blocked):
        fetch(f"https://{NAME}/")
    assert connections.targets == []


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "127.0.0.1.",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "app.localhost",
        "printer.local",
        "vault.internal",
        "intranet",
        "api.acme.example.",
        "[::1%25lo]",
        "%31%32%37.0.0.1",
        "",
    ],
)
def test_n03_numbers_and_inner_names_are_refused(
    app: Flask, dns: DnsServer, connections: Connections, host: str
) -> None:
    dns.records = {name: [["127.0.0.1"]] for name in ("localhost", "127.1", "0x7f.1")}
    with pytest.raises(Blocked):
        fetch(f"https://{host}/")
    assert connections.targets == []
    assert not dns.asked


@pytest.mark.parametrize(
    "url",
    [
        "http://api.acme.example/",
        "https://api.acme.example:22/",
        "https://api.acme.example:80/",
        "https://user:password@api.acme.example/",
        "https://api.acme.example@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://api.acme.example/",
        "ftp://api.acme.example/",
        "//api.acme.example/",
        "api.acme.example",
        "",
        "https://api.acme.example\x00/",
        "https://api.acme.example:99999/",
    ],
)
def test_n07_only_https_on_listed_ports_without_userinfo(
    app: Flask, dns: DnsServer, connections: Connections, url: str
) -> None:
    dns.records[NAME] = [[PUBLIC]]
    with pytest.raises(Blocked):
        fetch(url)
    assert connections.targets == []


def test_n04_one_private_record_refuses_all(
    app: Flask, dns: DnsServer, connections: Connections
) -> None:
    for records in ([PUBLIC, "10.0.0.1"], [PUBLIC, "::1"], ["fd00::1", PUBLIC]):
        dns.records[NAME] = [records]
        with pytest.raises(Blocked):
            fetch(f"https://{NAME}/")
    assert connections.targets == []


def test_n04_the_checked_address_is_the_one_connected_to_and_tls_keeps_the_name(
    app: Flask,
    dns: DnsServer,
    connections: Connections,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name rebinds: public for the first look-up, this machine from then on."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    dns.records[NAME] = [[PUBLIC], ["127.0.0.1"]]
    with WebServer(certificate) as web:
        connections.instead = ("127.0.0.1", web.port)
        answer = fetch(f"https://{NAME}/hello")
        assert (answer.status, answer.body) == (200, b"hello")
        assert connections.targets == [(PUBLIC, 443)]
        assert dns.asked[NAME] == 1
        assert web.server_names == [NAME]
        assert web.received[0].headers["host"] == NAME
        with pytest.raises(Blocked):
            fetch(f"https://{NAME}/hello")
        assert len(web.received) == 1


def test_tls_is_checked_against_the_name(
    app: Flask,
    dns: DnsServer,
    connections: Connections,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    dns.records["other.acme.example"] = [[PUBLIC]]
    with WebServer(certificate) as web:
        connections.instead = ("127.0.0.1", web.port)
        with pytest.raises(Unreachable):
            fetch("https://other.acme.example/")
        assert web.received == []


def test_a_second_address_is_tried_when_the_first_is_down(
    app: Flask, dns: DnsServer, connections: Connections
) -> None:
    dns.records[NAME] = [[PUBLIC, OTHER_PUBLIC]]
    with pytest.raises(Unreachable):
        fetch(f"https://{NAME}/")
    assert sorted(connections.targets) == [(PUBLIC, 443), (OTHER_PUBLIC, 443)]


def test_listed_pairs_are_reached_and_only_they(app: Flask, inside: str, web: WebServer) -> None:
    assert fetch(f"{inside}/").body == b"hello"
    assert fetch(f"http://localhost:{web.port}/").body == b"hello"
    with WebServer() as other, pytest.raises(Blocked):
        fetch(f"http://127.0.0.1:{other.port}/")


def test_production_refuses_the_list() -> None:
    given = {
        "environment": "production",
        "base_url": "https://login.acme.example",
        "outbound_allow": "127.0.0.1:9",
    }
    problems = Settings.model_validate(given).completed().problems()
    assert any("OUTBOUND_ALLOW" in each for each in problems)


def test_n07_proxies_of_the_environment_are_ignored(
    inside: str, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WebServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch(f"{inside}/").body == b"hello"
        assert proxy.received == []
    assert len(web.received) == 1


def test_n01_nothing_else_in_the_application_opens_connections() -> None:
    """Only these modules may import what opens sockets; another belongs behind `app.outgoing`."""
    allowed = {
        "outgoing.py",
        "delivery/smtp.py",  # The operator's own mail server.
        "cli/children.py",  # `run` asks its own children on loopback whether they are up.
    }
    opening = ("httpx", "httpcore", "urllib.request", "requests", "http.client", "smtplib")
    found = {
        str(path.relative_to(PROJECT / "app"))
        for path in (PROJECT / "app").rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("import ", "from ")) and line.split()[1].startswith(opening)
    }
    assert found == allowed
