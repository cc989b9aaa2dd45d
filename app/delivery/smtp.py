"""Sends mails by SMTP (RFC 5321) with the standard library: plain, STARTTLS or implicit TLS."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app import outgoing
from app.config import LOOPBACK, UnsafeSettings
from app.database import refuse_open_transaction
from app.delivery.sender import Away, NotNow, Refused
from app.outgoing import OutgoingError

CONNECT_SECONDS = 5
MAIL_SECONDS = 30
"""For one mail from start to end; with connecting, a lease lasts longer than this."""

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""Scheme -> its usual port."""
_GUARDED_PORTS = (25, 465, 587, 2525)


@dataclass(frozen=True)
class Server:
    """A mail server and how to talk to it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None

    def __repr__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def parse_url(url: str) -> Server:
    """The server that SMTP_URL names; raises `UnsafeSettings` for a URL that cannot be used."""
    try:
        parsed = urlsplit(url)
        scheme, port = parsed.scheme, parsed.port
    except ValueError:
        scheme, port, parsed = "", None, urlsplit("")
    if scheme not in PORTS or not parsed.hostname or parsed.path.strip("/") or parsed.query:
        raise UnsafeSettings(
            ["SMTP_URL must be smtp://, smtp+starttls:// or smtps://, then user:password@host."]
        )
    if parsed.password and scheme == "smtp" and parsed.hostname not in LOOPBACK:
        raise UnsafeSettings(["SMTP_URL: a password needs smtp+starttls:// or smtps://."])
    return Server(
        scheme=scheme,
        host=parsed.hostname,
        port=port or PORTS[scheme],
        user=unquote(parsed.username) if parsed.username else None,
        password=unquote(parsed.password) if parsed.password else None,
    )


class SmtpSender:
    """One connection to a mail server, opened at the first mail and opened anew when it breaks.

    A server that a tenant named is guarded: it is talked to at a public address only (N01).
    """

    def __init__(self, server: Server, sender: str, *, is_guarded: bool = False) -> None:
        self._server = server
        self._sender = sender
        self._is_guarded = is_guarded
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> "SmtpSender":
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with _deadline(self._connection, CONNECT_SECONDS):
                try:
                    self._connection.quit()
                except (OSError, smtplib.SMTPException):
                    self._drop()
        self._connection = None

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Hand one mail over; raises `Refused`, `NotNow`, or `Away` when it cannot connect."""
        refuse_open_transaction()
        connection = self._connected()
        body = mail.as_bytes()
        try:
            with _deadline(connection, MAIL_SECONDS):
                connection.sendmail(self._sender, [recipient], body)
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = error.recipients[recipient]
            self._reset()
            raise _of_code(code, "RCPT") from None
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _of_code(error.smtp_code, "DATA") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # A refused sender too: that is wrong for every mail, so none may die of it. Not `Away`
            # either: should this very mail break the connection, the others must pass it by.
            self._drop()
            raise NotNow(_reason(error)) from None

    def follow(self, _operation: str) -> None:
        """What another sender took, before the settings changed, is on its way."""

    def check(self) -> None:
        """Connect and sign in, as the first mail would; raises `Away`."""
        refuse_open_transaction()
        self._connected()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = _connect(self._server, is_guarded=self._is_guarded)
            except OutgoingError as error:
                raise Away(error.reason) from None
            except (OSError, smtplib.SMTPException, ValueError) as error:
                raise Away(_reason(error)) from None
        return self._connection

    def _reset(self) -> None:
        """Start over after a refusal, with a new connection if the server has closed this one."""
        if self._connection is not None:
            try:
                self._connection.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class _Client(smtplib.SMTP):
    """A client that waits for no greeting for ever. It is read while the connection is made, where
    nobody can set a deadline from outside yet."""

    def getreply(self) -> tuple[int, bytes]:
        """A reply of the server; the first one of a connection within its time as a whole."""
        if self.file is not None:
            return super().getreply()
        with _deadline(self, CONNECT_SECONDS):
            return super().getreply()


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class _Guarded(_Client):
    """Connects to the address that was checked, while TLS keeps the name."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outgoing.connect(host, port, ports=_GUARDED_PORTS, seconds=timeout)


class _GuardedTls(_TlsClient):
    """The same, encrypted from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = outgoing.connect(host, port, ports=_GUARDED_PORTS, seconds=timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def _connect(server: Server, *, is_guarded: bool) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        encrypted = _GuardedTls if is_guarded else _TlsClient
        connection: smtplib.SMTP = encrypted(
            server.host, server.port, timeout=CONNECT_SECONDS, context=context
        )
    else:
        plain = _Guarded if is_guarded else _Client
        connection = plain(server.host, server.port, timeout=CONNECT_SECONDS)
    try:
        with _deadline(connection, MAIL_SECONDS):
            _greet(connection, server, context)
    except BaseException:
        connection.close()
        raise
    return connection


def _greet(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(MAIL_SECONDS)
    connection.ehlo()
    if server.scheme == "smtp+starttls":
        connection.starttls(context=context)  # Raises when it is not offered: no way back to plain.
        connection.ehlo()
    if server.user is not None:
        connection.login(server.user, server.password or "")


@contextmanager
def _deadline(connection: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the connection after `seconds`: a socket's timeout alone lets a server drip for ever."""
    timer = threading.Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: smtplib.SMTP) -> None:
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _of_code(code: int, command: str) -> Refused | NotNow:
    reason = f"{code} to {command}"
    return Refused(reason) if code >= 500 else NotNow(reason)


def _reason(error: Exception) -> str:
    """What went wrong, without the server's own words, which may quote addresses."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} ({type(error).__name__})"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
