"""H08, D03, P02: requests that are wrong on the wire, to the server that runs in production."""

import socket

from tests.faults.conftest import Serve
from tests.services.process import LOOPBACK


def _exchange(port: int, request: bytes) -> bytes:
    """Everything that comes back until the server closes or says no more; empty for nothing."""
    with socket.create_connection((LOOPBACK, port), timeout=3) as connection:
        received = b""
        try:
            connection.sendall(request)
            while part := connection.recv(65_536):
                received += part
        except OSError:
            return received
        return received


def _statuses(answer: bytes) -> list[int]:
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def _post(port: int, path: str, headers: str, body: bytes) -> list[int]:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{headers}\r\n"
    return _statuses(_exchange(port, head.encode("latin-1") + body))


def _chunked(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def test_h08_a_request_means_one_thing_or_nothing(serve_at: Serve, tmp_path: object) -> None:
    running, _, target = serve_at(f"sqlite:///{tmp_path}/wire.sqlite3", workers=1)
    port, token = running.port, f"{target.path}/oauth2/token"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    both = f"{form}Content-Length: {len(smuggled)}\r\nTransfer-Encoding: chunked\r\n"
    assert 200 not in _post(port, token, both, smuggled), "The second request was smuggled in."
    for headers, body in (
        (f"{form}Content-Length: 3\r\nContent-Length: 30\r\n", b"a=b"),
        (f"{form}Content-Length: +3\r\n", b"a=b"),
        (f"{form}Content-Length: x\r\n", b"a=b"),
        (f"{form}Transfer-Encoding: chunked\r\n", b"zz\r\na=b\r\n0\r\n\r\n"),
        (f"{form}Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\na=b\r\n"),
        (f"{form}Transfer-Encoding: gzip\r\n", b"a=b"),
        (f"{form}X-A: b\r\n folded\r\n", b"a=b"),
        (f"{form}X-A : b\r\n", b"a=b"),
        (f"{form}X-A: a\x00b\r\n", b"a=b"),
        (f"{form}X-A: {'a' * 2_000_000}\r\n", b"a=b"),
    ):
        statuses = _post(port, token, headers, body)
        assert all(400 <= status < 500 for status in statuses), (headers[:90], statuses)
        assert len(statuses) <= 1
    for line in (
        "GET / HTTP/9.9",
        "GET /\x00 HTTP/1.1",
        "G\x01T / HTTP/1.1",
        "GET  / HTTP/1.1",
        "",
    ):
        answer = _exchange(port, f"{line}\r\nHost: localhost:{port}\r\n\r\n".encode("latin-1"))
        assert all(status < 500 for status in _statuses(answer)), line
    assert running.status("/healthz") == 200


def test_p02_a_chunked_body_is_read_and_bounded_too(serve_at: Serve, tmp_path: object) -> None:
    running, _, target = serve_at(f"sqlite:///{tmp_path}/wire.sqlite3", workers=1)
    port = running.port
    chunked = "Transfer-Encoding: chunked\r\n"
    form = f"Content-Type: application/x-www-form-urlencoded\r\n{chunked}"
    path = f"{target.path}/oauth2/token"
    assert _post(port, path, form, _chunked(b"grant_type=x&client_id=y")) == [400]
    assert _post(port, path, form, _chunked(b"a=" + b"b" * 200_000)) == [413]
    document = f"Content-Type: application/json\r\n{chunked}"
    path = f"{target.path}/headless/v1/flows"
    assert _post(port, path, document, _chunked(b'{"authorize": {}}')) == [400]
    assert _post(port, path, document, _chunked(b'{"a": "' + b"b" * 200_000 + b'"}')) == [413]
    assert running.status("/healthz") == 200
