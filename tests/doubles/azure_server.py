"""A server on loopback that speaks the Email REST API of Azure Communication Services.

It computes the signature of every request anew from what it received and refuses another one,
as it refuses an old date, a body that does not fit its hash, and a sender that is not verified.
Operations run for as many questions as a test says.
"""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app import clock
from tests.doubles.loopback import Loopback

KEY = base64.b64encode(b"a key of thirty-two bytes, or so").decode()
SENDER = "no-reply@acme.example"
_SIGNED = "SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
_OLDEST = 5 * 60
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Reply:
    """An answer: status, document, and what Retry-After says."""

    status: int
    document: Mapping[str, Any]
    retry_after: str | None = None


def fault(status: int, code: str, retry_after: str | None = None) -> Reply:
    """An error as Azure words them: a code for programs, and a sentence that quotes addresses."""
    error = {"code": code, "message": "The mail to jane@example.com was not taken."}
    return Reply(status, {"error": error}, retry_after)


class AzureServer(Loopback):
    """The server; a context manager that runs it."""

    def __init__(self) -> None:
        self.key = base64.b64decode(KEY)
        self.verified = {SENDER}
        self.mails: dict[str, dict[str, Any]] = {}
        """Id of the operation -> the document that was taken."""
        self.ends: dict[str, Any] = {"status": "Succeeded"}
        """What an operation says in the end."""
        self.runs = 1
        """Questions that an operation answers with Running before it ends."""
        self.retry_after: str | None = "2"
        self.refusal: Reply | None = None
        """What a mail gets instead of 202."""
        self.loses_answers = False
        self.requests: list[tuple[str, str]] = []
        self.asked: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = _Listener(("127.0.0.1", 0), _Request)
        self._server.azure = self

    @property
    def connection_string(self) -> str:
        return f"endpoint={self.url}/;accesskey={KEY}"

    def judge(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with self._lock:
            self.requests.append((method, target))
            wrong = self._unproven(method, target, headers, body)
            if wrong is not None:
                return wrong
            url = urlsplit(target)
            if parse_qs(url.query).get("api-version") != ["2023-03-31"]:
                return fault(400, "UnsupportedApiVersion")
            if (method, url.path) == ("POST", "/emails:send"):
                return self._send(headers, body)
            name = url.path.removeprefix("/emails/operations/")
            if method == "GET" and name in self.mails:
                return self._operation(name)
            return fault(404, "OperationNotFound")

    def _unproven(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply | None:
        date, digest = headers.get("x-ms-date", ""), headers.get("x-ms-content-sha256", "")
        if base64.b64encode(hashlib.sha256(body).digest()).decode() != digest:
            return fault(401, "Denied")
        age = clock.now_seconds() - int(parsedate_to_datetime(date).timestamp())
        signed = f"{method}\n{target}\n{date};{headers.get('Host', '')};{digest}"
        wanted = base64.b64encode(
            hmac.new(self.key, signed.encode(), hashlib.sha256).digest()
        ).decode()
        given = headers.get("Authorization", "")
        is_right = hmac.compare_digest(given, f"HMAC-SHA256 {_SIGNED}{wanted}")
        return None if is_right and abs(age) <= _OLDEST else fault(401, "Denied")

    def _send(self, headers: Mapping[str, str], body: bytes) -> Reply:
        if self.refusal is not None:
            return self.refusal
        document = json.loads(body)
        if document["senderAddress"] not in self.verified:
            return fault(400, "InvalidSenderUserName")
        content, to = document["content"], document["recipients"]["to"]
        if not all(isinstance(content[part], str) for part in ("subject", "plainText", "html")):
            return fault(400, "InvalidContent")
        operation = headers.get("Operation-Id", "")
        if len(to) != 1 or "@" not in to[0]["address"] or not _UUID.fullmatch(operation):
            return fault(400, "InvalidRequest")
        self.mails[operation] = document
        return Reply(202, {"id": operation, "status": "Running"}, self.retry_after)

    def _operation(self, name: str) -> Reply:
        self.asked[name] = self.asked.get(name, 0) + 1
        if self.asked[name] <= self.runs:
            return Reply(200, {"id": name, "status": "Running"}, self.retry_after)
        return Reply(200, {"id": name, **self.ends})


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    azure: AzureServer


class _Request(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._judged("POST", self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def do_GET(self) -> None:
        self._judged("GET", b"")

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def _judged(self, method: str, body: bytes) -> None:
        azure = self.server.azure
        reply = azure.judge(method, self.path, dict(self.headers.items()), body)
        if azure.loses_answers:
            self.close_connection = True
            return
        content = json.dumps(reply.document).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if reply.retry_after is not None:
            self.send_header("Retry-After", reply.retry_after)
        self.end_headers()
        self.wfile.write(content)
