"""The one client for requests to the outside: it reaches public addresses only, and not for long.

A name is resolved once, every address it has is checked, and the connection goes to the address
that was checked, while TLS and the Host header keep the name. Proxies of the environment are
ignored. One deadline covers everything, and bodies are capped. (SECURITY part 2, N)
"""

import socket
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import dns.exception
import httpcore2
import httpx2

from app import name_server
from app.config import Settings, settings
from app.database import refuse_open_transaction
from app.public_addresses import is_address, is_public, is_public_name

DEADLINE = 10.0
"""Seconds for a request with all its redirects."""
MAX_BYTES = 1_048_576
MOST_REDIRECTS = 3
_PORTS = (443, 8443)
_LOOPBACK = "127.0.0.1"


class OutgoingError(Exception):
    """A request got no usable answer. `reason` quotes nothing that the other side sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Blocked(OutgoingError):
    """The URL leads where no outgoing request may go."""


class TooSlow(OutgoingError):
    """The deadline passed."""


class TooLarge(OutgoingError):
    """The answer is larger than the cap, or compressed."""


class Unreachable(OutgoingError):
    """No such name, no connection, no agreement on TLS, or an answer that is not HTTP."""


class NoConnection(Unreachable):
    """Nothing was sent, as no connection came about."""


@dataclass(frozen=True)
class Answer:
    """An answer as the code may use it; people are shown its `summary` only."""

    status: int
    headers: httpx2.Headers
    body: bytes
    seconds: float

    @property
    def summary(self) -> str:
        """Status and time, for logs and admins: bodies may come from inside a network (N08)."""
        return f"{self.status} after {self.seconds:.1f} s"


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    redirects: int = 0,
    max_bytes: int = MAX_BYTES,
    deadline: float = DEADLINE,
) -> Answer:
    """One request and its answer, whatever its status; raises `OutgoingError`.

    Up to `redirects` redirects (3 at most) are followed, each checked like the first URL. Opens no
    connection inside a transaction.
    """
    started = time.monotonic()
    with client(max_bytes=max_bytes, deadline=deadline) as guarded:
        guarded.max_redirects = min(redirects, MOST_REDIRECTS)
        try:
            response = guarded.request(
                method, url, headers=headers, content=content, follow_redirects=redirects > 0
            )
        except httpx2.TooManyRedirects:
            raise Blocked("too many redirects") from None
        except (httpx2.InvalidURL, httpx2.HTTPError, UnicodeError, ValueError) as error:
            raise Blocked(f"unusable URL ({type(error).__name__})") from None
    return Answer(
        response.status_code, response.headers, response.content, time.monotonic() - started
    )


def client(*, max_bytes: int = MAX_BYTES, deadline: float = DEADLINE) -> httpx2.Client:
    """A guarded client for libraries that want one; its deadline starts now and covers all it does.

    Its requests raise `OutgoingError`. It follows no redirects unless asked.
    """
    transport = GuardedTransport(settings(), max_bytes, _Deadline(deadline))
    return httpx2.Client(transport=transport, trust_env=False, follow_redirects=False)


def connect(
    host: str, port: int, *, ports: Collection[int], seconds: float = DEADLINE
) -> socket.socket:
    """A connection under the same guard for a protocol other than HTTP, to one of its `ports`.

    `seconds` are for the name and the connection, and are the socket's timeout then. Raises
    `OutgoingError`. Opens no connection inside a transaction.
    """
    refuse_open_transaction()
    chosen, deadline, name = settings(), _Deadline(seconds), host.lower().rstrip(".")
    is_allowed = _is_allowed(_allowed(chosen), name, port)
    if not is_allowed and port not in ports:
        raise Blocked("not a port of this protocol")
    last: OSError | None = None
    for address in _checked(name, chosen.dns_resolver, deadline, is_allowed=is_allowed):
        try:
            connection = socket.create_connection((address, port), deadline.remaining())
        except OSError as error:
            last = error
        else:
            connection.settimeout(seconds)
            return connection
    raise NoConnection(f"no connection ({type(last).__name__})")


class GuardedTransport(httpx2.BaseTransport):
    """Sends requests by connections of their own, under the guard."""

    def __init__(self, chosen: Settings, max_bytes: int, deadline: "_Deadline") -> None:
        self._allowed = _allowed(chosen)
        self._resolver = chosen.dns_resolver
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._tls = _tls(ssl.get_default_verify_paths())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer with its whole body; raises `OutgoingError`."""
        refuse_open_transaction()
        addresses = self._addresses(request.url)
        request.headers["Accept-Encoding"] = "identity"
        backend = _PinnedBackend(addresses, self._deadline)
        with httpcore2.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool:
            try:
                with pool.stream(**_parts(request)) as answer:
                    return self._read(answer)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                raise NoConnection(f"no connection ({type(error).__name__})") from None
            except httpcore2.TimeoutException:
                raise TooSlow("no answer in time") from None
            except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
                raise Unreachable(f"no answer ({type(error).__name__})") from None

    def _addresses(self, url: httpx2.URL) -> list[str]:
        """The addresses to connect to, every one checked."""
        host = url.raw_host.decode("ascii").lower()
        port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
        is_allowed = _is_allowed(self._allowed, host, port)
        if url.userinfo or url.scheme not in ("https", "http") or not host:
            raise Blocked("only https without user and password")
        if not is_allowed and (url.scheme != "https" or port not in _PORTS):
            raise Blocked("only https on port 443 or 8443")
        return _checked(host, self._resolver, self._deadline, is_allowed=is_allowed)

    def _read(self, answer: httpcore2.Response) -> httpx2.Response:
        headers = httpx2.Headers(answer.headers)
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise TooLarge("compressed although that was not offered")
        body = bytearray()
        for chunk in answer.iter_stream():
            body += chunk
            if len(body) > self._max_bytes:
                raise TooLarge(f"more than {self._max_bytes} bytes")
        return httpx2.Response(answer.status, headers=headers, content=bytes(body))


@cache
def _tls(_authorities: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """One for each set of authorities: reading them takes longer than many a request."""
    return ssl.create_default_context()


class _Deadline:
    """A moment that everything must be done by."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """The seconds left; raises `TooSlow` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooSlow("the deadline passed")
        return left


class _PinnedBackend(httpcore2.NetworkBackend):
    """Connects to addresses that were checked, whatever the host, before the deadline."""

    def __init__(self, addresses: list[str], deadline: _Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._real = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        last: Exception | None = None
        for address in self._addresses:
            try:
                stream = self._real.connect_tcp(
                    address, port, self._deadline.remaining(), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
            else:
                return _TimedStream(stream, self._deadline)
        raise last or httpcore2.ConnectError


class _TimedStream(httpcore2.NetworkStream):
    """A stream whose operations all end at the deadline: one byte a second prolongs nothing."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._deadline.remaining()
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _allowed(chosen: Settings) -> frozenset[str]:
    return frozenset(each.lower() for each in chosen.outbound_allow)


def _is_allowed(allowed: frozenset[str], host: str, port: int) -> bool:
    return f"{host}:{port}" in allowed or f"[{host}]:{port}" in allowed


def _checked(host: str, server: str, deadline: _Deadline, *, is_allowed: bool) -> list[str]:
    """The addresses of `host`, all of them public unless the pair is allowed."""
    addresses = _resolved(host, server, deadline, is_allowed=is_allowed)
    if not is_allowed and not all(is_public(each) for each in addresses):
        raise Blocked("not a public address")
    return addresses


def _resolved(host: str, server: str, deadline: _Deadline, *, is_allowed: bool) -> list[str]:
    if is_address(host):
        return [host]
    if is_allowed and (host == "localhost" or host.endswith(".localhost")):
        return [_LOOPBACK]
    if not is_allowed and not is_public_name(host):
        raise Blocked("not a public name")
    return _look_up(host, server, deadline)


def _look_up(host: str, server: str, deadline: _Deadline) -> list[str]:
    """All addresses of `host`, IPv4 first, asked once; `server` is address:port or empty."""
    try:
        resolver = name_server.resolver(server)
        found = resolver.resolve_name(f"{host.rstrip('.')}.", lifetime=deadline.remaining())
        addresses = list(found.addresses())
    except dns.exception.Timeout:
        raise TooSlow("the name was not resolved in time") from None
    except (dns.exception.DNSException, OSError):
        raise NoConnection("no such name") from None
    return sorted(addresses, key=lambda each: ":" in each)


def _parts(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "method": request.method,
        "url": httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        ),
        "headers": request.headers.raw,
        "content": request.read() or None,  # A stream would be announced as a chunked body.
        "extensions": {},
    }
