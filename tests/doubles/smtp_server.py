"""A mail server on loopback that speaks SMTP (RFC 5321) with STARTTLS, implicit TLS and AUTH.

It keeps what it accepts, and misbehaves as told: refuse or greylist an address, fall silent at a
command, break the connection at one, or be away and come back on the same port.
"""

import base64
import contextlib
import socket
import socketserver
import ssl
import threading
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import TracebackType
from typing import Literal

Security = Literal["plain", "starttls", "tls"]


@dataclass(frozen=True)
class Received:
    """A mail that the server accepted."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    user: str | None

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=SMTP)
        assert isinstance(parsed, EmailMessage)
        return parsed


class SmtpServer:
    """The server; a context manager that runs it."""

    def __init__(
        self,
        security: Security = "plain",
        certificate: Path | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.security = security
        self.login = login
        self.received: list[Received] = []
        self.connections = 0
        self.answers: dict[str, str] = {}
        """Recipient (or `DATA`, `MAIL`) -> the answer that it gets instead of 250."""
        self.greylisted: dict[str, int] = {}
        """Recipient -> how often it is still told to come back later."""
        self.silent_at: set[str] = set()
        """Commands that are never answered; `connect` is the greeting."""
        self.breaks_at: set[str] = set()
        """Commands at which the connection is closed."""
        self.drips = 0
        """Lines of a greeting that comes one line after a tenth of a second, before it ends."""
        self.tried: Counter[str] = Counter()
        """Recipient -> how often a mail to it was tried."""
        self.released = threading.Event()
        self._context = _server_context(certificate) if certificate else None
        self._server: _Listener | None = None
        self._port = 0
        self._lock = threading.Lock()

    def __enter__(self) -> "SmtpServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        scheme = {"plain": "smtp", "starttls": "smtp+starttls", "tls": "smtps"}[self.security]
        user = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"{scheme}://{user}localhost:{self._port}"

    @property
    def recipients(self) -> list[str]:
        """To whom mails were accepted, in order."""
        return [each for mail in self.received for each in mail.recipients]

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self.released.clear()
        self._server = _Listener(self._port, self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on and let go of those that hang."""
        self.released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def accept(self, mail: Received) -> None:
        with self._lock:
            self.received.append(mail)

    def answer_to(self, recipient: str) -> str:
        with self._lock:
            self.tried[recipient] += 1
            if self.greylisted.get(recipient, 0) > 0:
                self.greylisted[recipient] -= 1
                return "451 4.7.1 Come back later"
        return self.answers.get(recipient, "250 2.1.5 Fine")

    def encrypt(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self._context is not None
        return self._context.wrap_socket(sock, server_side=True)


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, smtp: SmtpServer) -> None:
        self.smtp = smtp
        super().__init__(("127.0.0.1", port), _Conversation)


class _Silent(Exception):
    pass


class _Conversation(socketserver.BaseRequestHandler):
    """One connection."""

    server: _Listener

    def handle(self) -> None:
        self.smtp = self.server.smtp
        self.smtp.connections += 1
        self.sock: socket.socket = self.request
        self.sock.settimeout(30)
        self.encrypted = False
        self.user: str | None = None
        self._reset()
        with contextlib.suppress(OSError, EOFError, _Silent):
            if self.smtp.security == "tls":
                self._encrypt()
            self._open()
            self._obey("connect")
            self._drip()
            self._say("220 mail.test ESMTP")
            while self._command():
                pass
        with contextlib.suppress(OSError):
            self.sock.close()

    def _drip(self) -> None:
        for _ in range(self.smtp.drips):
            self.smtp.released.wait(0.1)
            self.sock.sendall(b"220-Please wait\r\n")

    def _open(self) -> None:
        self.lines = self.sock.makefile("rb")

    def _encrypt(self) -> None:
        self.sock = self.smtp.encrypt(self.sock)
        self.encrypted = True

    def _reset(self) -> None:
        self.sender: str | None = None
        self.to: list[str] = []

    def _say(self, *lines: str) -> None:
        for line in lines[:-1]:
            self.sock.sendall(f"{line[:3]}-{line[4:]}\r\n".encode())
        self.sock.sendall(f"{lines[-1]}\r\n".encode())

    def _obey(self, command: str) -> None:
        """Misbehave at this command if that was asked for."""
        if command in self.smtp.silent_at:
            self.smtp.released.wait(60)
            raise _Silent
        if command in self.smtp.breaks_at:
            raise EOFError

    def _line(self) -> str:
        line = self.lines.readline(2_000)
        if not line:
            raise EOFError
        return line.decode("ascii").rstrip("\r\n")

    def _command(self) -> bool:
        line = self._line()
        verb = line.split(" ", 1)[0].upper()
        self._obey(verb)
        handler = getattr(self, f"_on_{verb.lower()}", None)
        if handler is None:
            self._say("502 5.5.2 Unknown command")
            return True
        handler(line)
        return verb != "QUIT"

    def _on_ehlo(self, _line: str) -> None:
        offers = ["250 mail.test", "250 PIPELINING", "250 8BITMIME"]
        if self.smtp.security == "starttls" and not self.encrypted:
            offers.append("250 STARTTLS")
        if self.smtp.login and (self.encrypted or self.smtp.security == "plain"):
            offers.append("250 AUTH PLAIN")
        self._say(*offers)

    def _on_helo(self, _line: str) -> None:
        self._say("250 mail.test")

    def _on_starttls(self, _line: str) -> None:
        if self.smtp.security != "starttls" or self.encrypted:
            self._say("503 5.5.1 Not now")
            return
        self._say("220 2.0.0 Go ahead")
        self._encrypt()
        self._open()
        self._reset()

    def _on_auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        if self.smtp.login == (user, password):
            self.user = user
            self._say("235 2.7.0 Welcome")
        else:
            self._say("535 5.7.8 Wrong")

    def _on_mail(self, line: str) -> None:
        if self.smtp.login and self.user is None:
            self._say("530 5.7.0 Sign in first")
            return
        answer = self.smtp.answers.get("MAIL", "250 2.1.0 Fine")
        self.sender = _address(line) if answer.startswith("2") else None
        self._say(answer)

    def _on_rcpt(self, line: str) -> None:
        if self.sender is None:
            self._say("503 5.5.1 MAIL first")
            return
        answer = self.smtp.answer_to(_address(line))
        if answer.startswith("2"):
            self.to.append(_address(line))
        self._say(answer)

    def _on_data(self, _line: str) -> None:
        if not self.to or self.sender is None:
            self._say("503 5.5.1 RCPT first")
            return
        self._say("354 Go ahead")
        content = self._content()
        self._obey("content")
        answer = self.smtp.answers.get("DATA", "250 2.0.0 Kept")
        if answer.startswith("2"):
            self.smtp.accept(
                Received(self.sender, tuple(self.to), content, self.encrypted, self.user)
            )
        self._obey("kept")
        self._say(answer)
        self._reset()

    def _content(self) -> bytes:
        content = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise EOFError
            content += line[1:] if line.startswith(b"..") else line
        return content

    def _on_rset(self, _line: str) -> None:
        self._reset()
        self._say("250 2.0.0 Fine")

    def _on_noop(self, _line: str) -> None:
        self._say("250 2.0.0 Fine")

    def _on_quit(self, _line: str) -> None:
        self._say("221 2.0.0 Bye")


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
