"""A server on loopback that speaks Twilio's Messages resource: HTTP with Basic authentication.

It checks who asks and what, keeps what it takes, and misbehaves as told: an error with a code of
Twilio's, no answer at all, or an answer that is lost after the message was taken.
"""

import base64
import json
import re
import threading
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.doubles.loopback import Loopback

SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = "fedcba9876543210fedcba9876543210"
SENDER = "+14155550123"
_PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages\.json")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True)
class Error:
    """What is answered instead of 201: a status and Twilio's code, as its documents list them."""

    status: int
    code: int | None
    message: str = "Permission to send an SMS to +4915123456789 has not been enabled"


@dataclass(frozen=True)
class Message:
    """A message that the server took."""

    to: str
    body: str
    sender: str | None
    """`From`."""
    service: str | None
    """`MessagingServiceSid`."""
    validity: int
    """Seconds."""


class TwilioServer(Loopback):
    """The server; a context manager that runs it."""

    def __init__(self) -> None:
        self.accounts = {SID: TOKEN}
        self.messages: list[Message] = []
        self.tried: Counter[str] = Counter()
        """Number -> how often a message to it was asked for by somebody who may."""
        self.errors: dict[str, Error] = {}
        """Number, or `*` for all -> what it gets instead."""
        self.loses_answers = False
        """Whether the connection is closed after a message was taken, without an answer."""
        self.answer: bytes | None = None
        """The body of every error, in place of Twilio's JSON."""
        self.requests = 0
        self._lock = threading.Lock()
        self._server = _Listener(("127.0.0.1", 0), _Request)
        self._server.twilio = self

    @property
    def bodies(self) -> list[str]:
        return [each.body for each in self.messages]

    def judge(self, path: str, authorization: str, form: dict[str, str]) -> Error | Message:
        """What the request gets."""
        with self._lock:
            self.requests += 1
            found = _PATH.fullmatch(path)
            if found is None:
                return Error(404, 20404, "The requested resource was not found")
            if self._account(authorization) != found[1]:
                return Error(401, 20003, "Authenticate")
            return self._taken(form)

    def _account(self, authorization: str) -> str | None:
        kind, _, encoded = authorization.partition(" ")
        if kind != "Basic":
            return None
        sid, _, token = base64.b64decode(encoded).decode().partition(":")
        return sid if self.accounts.get(sid) == token else None

    def _taken(self, form: dict[str, str]) -> Error | Message:
        to, sender, service = form.get("To", ""), form.get("From"), form.get("MessagingServiceSid")
        self.tried[to] += 1
        error = self.errors.get(to) or self.errors.get("*")
        if error is not None:
            return error
        if not _E164.fullmatch(to):
            return Error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if sender is None and service is None:
            return Error(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body"):
            return Error(400, 21602, "Message body is required.")
        validity = int(form.get("ValidityPeriod", "36000"))
        message = Message(to, form["Body"], sender, service, validity)
        self.messages.append(message)
        return message


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    twilio: TwilioServer


class _Request(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        twilio = self.server.twilio
        length = int(self.headers.get("Content-Length", "0"))
        form = {name: values[0] for name, values in parse_qs(self._body(length)).items()}
        outcome = twilio.judge(self.path, self.headers.get("Authorization", ""), form)
        if isinstance(outcome, Error):
            body = _error_body(outcome) if twilio.answer is None else twilio.answer
            self._answer(outcome.status, body)
        elif twilio.loses_answers:
            self.close_connection = True
        else:
            self._answer(201, _message_body(outcome))

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def _body(self, length: int) -> str:
        if self.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            return ""
        return self.rfile.read(length).decode("ascii")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _error_body(error: Error) -> bytes:
    document = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return json.dumps(document).encode()


def _message_body(message: Message) -> bytes:
    document = {"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued", "to": message.to}
    return json.dumps(document).encode()
