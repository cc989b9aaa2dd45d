"""A relying app in its smallest form: it takes whatever comes to its redirect URI."""

import hashlib
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.browser.portal import Portal
from tests.factories import MadeClient

_PAGE = "<!doctype html><title>Globex</title><link rel=icon href=data:,><h1>Landed</h1>"


@dataclass
class Receiver:
    """Its callback and what came there: the method, and the answer of the provider."""

    callback: str = ""
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def register(self, portal: Portal, **registration: Any) -> MadeClient:
        """A third-party client of the portal, unless told otherwise, that lives here."""
        values = {"name": "Globex", "redirect_uris": [self.callback], "is_first_party": False}
        return portal.make.client(portal.tenant, **{**values, **registration})

    def request(self, client: MadeClient, **parameters: str) -> dict[str, str]:
        """The parameters of an authorization request of that client."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "client_id": client.id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": "state-of-globex",
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **parameters,
        }

    def exchange(self, portal: Portal, client: MadeClient) -> Mapping[str, Any]:
        """The tokens for the code that came last."""
        form = {
            "grant_type": "authorization_code",
            "code": self.received[-1][1]["code"],
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
        }
        assert client.secret is not None
        answer = httpx2.post(
            f"{portal.url}/oauth2/token",
            data=form,
            auth=(client.id, client.secret),
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The callback itself."""
        request = Request(environ)
        fields = request.form if request.method == "POST" else request.args
        self.received.append((request.method, fields.to_dict()))
        return Response(_PAGE, mimetype="text/html")(environ, start_response)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of the loopback."""
    receiver = Receiver()
    server = make_server("127.0.0.1", 0, receiver, threaded=True, request_handler=_Quiet)
    receiver.callback = f"http://localhost:{server.server_port}/callback"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
