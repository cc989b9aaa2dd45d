"""A web server on loopback, with or without TLS, that answers byte by byte as a test wants."""

import socket
import socketserver
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.loopback import Loopback

Answer = Callable[[], Iterable[bytes]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Peer: web\r\n\r\nhello"


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]


class WebServer(Loopback):
    """The server; a context manager that runs it."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: dict[str, bytes | Answer] = {}
        """Path -> the whole answer, or what makes it piece by piece; else `OK`."""
        self.received: list[Received] = []
        self.server_names: list[str | None] = []
        """The names that TLS clients asked for (SNI)."""
        self._context = self._tls(certificate) if certificate else None
        self._server = _Listener(self)

    def converse(self, sock: socket.socket) -> None:
        if self._context is not None:
            sock = self._context.wrap_socket(sock, server_side=True)
        with sock, sock.makefile("rb") as lines:
            line = lines.readline().decode().strip()
            headers = {}
            while (header := lines.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            self.received.append(Received(line, headers))
            path = line.split(" ")[1] if " " in line else ""
            answer = self.answers.get(path, OK)
            for piece in [answer] if isinstance(answer, bytes) else answer():
                sock.sendall(piece)

    def _tls(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _sock, name, _context: self.server_names.append(name)
        return context


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, peer: WebServer) -> None:
        self.peer = peer
        super().__init__(("127.0.0.1", 0), _Connection)


class _Connection(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        try:
            self.server.peer.converse(self.request)
        except (OSError, IndexError):
            self.request.close()
