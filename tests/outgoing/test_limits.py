"""SECURITY N05, N06 and N08: what an outgoing request puts up with, and what it tells."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import database
from app.database import TransactionOpen
from app.outgoing import Blocked, OutgoingError, TooLarge, TooSlow, Unreachable, fetch
from tests.doubles.dns_server import DnsServer
from tests.doubles.web_server import WebServer
from tests.outgoing.conftest import NAME, settings_for


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
        app.config["AUTHPAGE"] = settings_for(
            dns, f"127.0.0.1:{web.port}", f"127.0.0.1:{other.port}"
        )
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
