"""SECURITY N01 to N08 and G23: outgoing requests reach public addresses only, and not for long."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import database
from app.config import PROJECT, Settings
from app.database import TransactionOpen
from app.outgoing import Blocked, OutgoingError, TooLarge, TooSlow, Unreachable, fetch
from app.public_addresses import is_public
from tests.doubles.certificate import make_certificate
from tests.doubles.dns_server import DnsServer
from tests.doubles.web_server import WebServer

NAME = "api.acme.example"
PUBLIC, OTHER_PUBLIC = "93.184.215.14", "93.184.215.15"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"), NAME)


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def app(dns: DnsServer) -> Iterator[Flask]:
    app = Flask("outgoing")
    app.config["AUTHPAGE"] = _settings(dns)
    with app.app_context():
        yield app


def _settings(dns: DnsServer, *allowed: str) -> Settings:
    given = {"environment": "test", "dns_resolver": dns.address, "outbound_allow": allowed}
    return Settings.model_validate(given).completed()


class Connections:
    """Every TCP connection that is tried, by its target; none leaves this machine."""

    def __init__(self) -> None:
        self.targets: list[tuple[str, int]] = []
        self.instead: tuple[str, int] | None = None
        """Where a connection to any address really goes; None: refused."""


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    made, real = Connections(), socket.create_connection

    def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        made.targets.append(address)
        if made.instead is None:
            raise ConnectionRefusedError
        return real(made.instead, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return made


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


@pytest.fixture
def inside(app: Flask, dns: DnsServer, web: WebServer) -> str:
    """The URL of the web server, which OUTBOUND_ALLOW lists."""
    app.config["AUTHPAGE"] = _settings(dns, f"127.0.0.1:{web.port}", f"localhost:{web.port}")
    return f"http://127.0.0.1:{web.port}"


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


def _redirect(url: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


def test_n05_redirects_are_not_followed_unless_asked(inside: str, web: WebServer) -> None:
    web.answers["/away"] = _redirect("/hello")
    assert fetch(f"{inside}/away").status == 302
    assert len(web.received) == 1
    assert fetch(f"{inside}/away", redirects=3).body == b"hello"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "https://169.254.169.254/", "file:///etc/passwd", "//[::1]/"]
)
def test_n05_every_hop_is_checked(
    inside: str, web: WebServer, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    web.answers["/away"] = _redirect(target)
    with pytest.raises(Blocked):
        fetch(f"{inside}/away", redirects=3)


def test_n05_three_redirects_at_most(inside: str, web: WebServer) -> None:
    for number in range(20):
        web.answers[f"/{number}"] = _redirect(f"/{number + 1}")
    with pytest.raises(Blocked, match="redirects"):
        fetch(f"{inside}/0", redirects=20)
    assert len(web.received) == 4


def test_a_redirect_to_another_origin_carries_no_authorization(
    app: Flask, dns: DnsServer, web: WebServer
) -> None:
    with WebServer() as other:
        app.config["AUTHPAGE"] = _settings(dns, f"127.0.0.1:{web.port}", f"127.0.0.1:{other.port}")
        web.answers["/away"] = _redirect(f"http://127.0.0.1:{other.port}/")
        headers = {"Authorization": "Bearer canary"}
        fetch(f"http://127.0.0.1:{web.port}/away", redirects=1, headers=headers)
        assert "authorization" in web.received[0].headers
        assert "authorization" not in other.received[0].headers


def test_n06_a_dripping_answer_ends_at_the_deadline(inside: str, web: WebServer) -> None:
    stop = threading.Event()

    def drip() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        while not stop.wait(0.05):
            yield b"x"

    web.answers["/"] = drip
    with pytest.raises(TooSlow):
        fetch(f"{inside}/", deadline=0.5)
    stop.set()


def test_n06_a_silent_server_and_a_silent_resolver_end_at_the_deadline(
    app: Flask, inside: str, web: WebServer, dns: DnsServer
) -> None:
    release = threading.Event()

    def silence() -> Iterator[bytes]:
        release.wait()
        yield b""

    web.answers["/"] = silence
    with pytest.raises(TooSlow):
        fetch(f"{inside}/", deadline=0.3)
    release.set()
    dns.is_silent = True
    with pytest.raises(TooSlow):
        fetch(f"https://{NAME}/", deadline=0.3)


def _endless(head: bytes) -> Any:
    def answer() -> Iterator[bytes]:
        yield head
        while True:
            yield b"x" * 65_536

    return answer


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_n06_an_endless_body_is_cut(inside: str, web: WebServer, head: bytes) -> None:
    web.answers["/"] = _endless(head)
    with pytest.raises(TooLarge):
        fetch(f"{inside}/")


def test_n06_endless_headers_are_cut(inside: str, web: WebServer) -> None:
    web.answers["/"] = _endless(b"HTTP/1.1 200 OK\r\nX-Long: ")
    with pytest.raises(Unreachable):
        fetch(f"{inside}/")


def test_n06_a_compressed_body_is_not_unpacked(inside: str, web: WebServer) -> None:
    web.answers["/"] = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"
    )
    with pytest.raises(TooLarge):
        fetch(f"{inside}/")
    assert web.received[0].headers["accept-encoding"] == "identity"


def test_a_body_up_to_the_cap_is_taken(inside: str, web: WebServer) -> None:
    body = b"x" * 1_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    web.answers["/"] = head + body
    assert fetch(f"{inside}/", max_bytes=1_000).body == body
    with pytest.raises(TooLarge):
        fetch(f"{inside}/", max_bytes=999)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Len"])
def test_an_answer_that_is_not_http_is_no_answer(
    inside: str, web: WebServer, answer: bytes
) -> None:
    web.answers["/"] = answer
    with pytest.raises(Unreachable):
        fetch(f"{inside}/")


def test_n07_proxies_of_the_environment_are_ignored(
    inside: str, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WebServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch(f"{inside}/").body == b"hello"
        assert proxy.received == []
    assert len(web.received) == 1


def test_n08_what_people_are_shown_holds_no_body(inside: str, web: WebServer) -> None:
    web.answers["/"] = b"HTTP/1.1 500 canary\r\nContent-Length: 6\r\nX-A: canary\r\n\r\ncanary"
    answer = fetch(f"{inside}/")
    assert answer.summary.startswith("500 after ")
    assert "canary" not in answer.summary


@pytest.mark.parametrize(
    "url", ["https://nowhere.acme.example/", "http://127.0.0.1:1/", "https://10.0.0.1/canary"]
)
def test_n08_errors_quote_neither_url_nor_answer(app: Flask, url: str) -> None:
    with pytest.raises(OutgoingError) as error:
        fetch(url)
    for part in ("nowhere", "127.0.0.1", "10.0.0.1", "canary"):
        assert part not in str(error.value)


def test_no_request_leaves_inside_a_transaction(
    inside: str, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._here, "writing", True, raising=False)
    with pytest.raises(TransactionOpen):
        fetch(f"{inside}/")
    assert web.received == []


def test_requests_carry_what_they_were_given(inside: str, web: WebServer) -> None:
    fetch(f"{inside}/hook?a=1", method="POST", content=b"{}", headers={"X-Mine": "1"})
    (received,) = web.received
    assert received.line == "POST /hook?a=1 HTTP/1.1"
    assert received.headers["x-mine"] == "1"
    assert received.headers["content-length"] == "2"


def test_a_request_without_a_body_announces_none(inside: str, web: WebServer) -> None:
    fetch(f"{inside}/")
    assert not {"transfer-encoding", "content-length"} & web.received[0].headers.keys()


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
