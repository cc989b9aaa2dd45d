"""HTTP over sockets, as an app speaks it, with the answers that were really received."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.services.process import LOOPBACK

LOST = 0
"""The status when the connection broke: nobody knows what happened on the other side."""


@dataclass(frozen=True)
class Reply:
    """A whole answer, or `LOST`."""

    status: int
    body: bytes = b""
    retry_after: str | None = None
    set_cookie: str | None = None

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty for any other body."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Caller:
    """One caller; each request goes over a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    def form(self, path: str, **fields: str) -> Reply:
        """POST a form."""
        return self._send("POST", path, urlencode(fields), "application/x-www-form-urlencoded")

    def json(self, path: str, body: Any, token: str = "") -> Reply:
        """POST JSON."""
        return self._send("POST", path, json.dumps(body), "application/json", token)

    def get(self, path: str, token: str = "") -> Reply:
        """GET."""
        return self._send("GET", path, None, "", token)

    def _send(
        self, method: str, path: str, body: str | None, content_type: str, token: str = ""
    ) -> Reply:
        headers = {"Host": f"localhost:{self._port}"}
        if content_type:
            headers["Content-Type"] = content_type
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            return Reply(LOST)
        finally:
            connection.close()
        return Reply(
            response.status,
            content,
            response.headers.get("Retry-After"),
            response.headers.get("Set-Cookie"),
        )
