"""The HTTP side of the double of a provider."""

import html
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.doubles.oidc_endpoints import ENDPOINTS, signed_in
from tests.doubles.oidc_script import Asked, Failure

if TYPE_CHECKING:
    from tests.doubles.oidc_provider import OidcProvider

_JSON = "application/json"


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    provider: "OidcProvider"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on an answer that is too large is right to."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def listen(provider: "OidcProvider", port: int) -> Listener:
    """A server for the provider, not running yet."""
    server = Listener(("127.0.0.1", port), _Request)
    server.provider = provider
    return server


class _Request(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._serve(_flat(self.rfile.read(length).decode()))

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def _serve(self, form: dict[str, str]) -> None:
        provider, parts = self.server.provider, urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, _flat(parts.query), form, headers)
        provider.asked.append(asked)
        what = _endpoint(provider, parts.path)
        provider.counts[what] += 1
        if what in provider.script.hangs:
            provider.stopped.wait()
        if what in provider.script.hangs | provider.script.resets:
            self.close_connection = True
            return
        prepared = provider.script.answers.get(what)
        if prepared is not None:
            self._answer(*prepared)
        elif what == "authorize":
            self._authorize(provider, asked)
        elif what == "logout":
            left = {"state": asked.query.get("state", "")}
            self._redirect(asked.query.get("post_logout_redirect_uri", "/"), left)
        else:
            self._json(provider, what, asked)

    def _json(self, provider: "OidcProvider", what: str, asked: Asked) -> None:
        try:
            status, document = 200, ENDPOINTS[what](provider, asked)
        except Failure as failure:
            status, document = _error(provider, failure)
        self._answer(status, _JSON, json.dumps(document).encode())

    def _authorize(self, provider: "OidcProvider", asked: Asked) -> None:
        try:
            target, parameters = signed_in(provider, asked.query)
        except Failure as failure:
            self._answer(400, "text/html", f"<h1>{failure.code}</h1>".encode())
            return
        if provider.dialect.posts or asked.query.get("response_mode") == "form_post":
            self._answer(200, "text/html; charset=utf-8", _form(target, parameters))
            return
        self._redirect(target, parameters)

    def _redirect(self, target: str, parameters: dict[str, str]) -> None:
        joiner = "&" if "?" in target else "?"
        self.send_response(302)
        self.send_header("Location", f"{target}{joiner}{urlencode(parameters)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _endpoint(provider: "OidcProvider", path: str) -> str:
    dialect = provider.dialect
    paths = {
        f"{dialect.issuer_path}/.well-known/openid-configuration": "discovery",
        dialect.authorize: "authorize",
        dialect.token: "token",
        dialect.userinfo: "userinfo",
        dialect.jwks: "jwks",
        dialect.addresses or "": "addresses",
        "/logout": "logout",
    }
    return paths.get(path, "nowhere")


def _form(target: str, parameters: dict[str, str]) -> bytes:
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in parameters.items()
    )
    return (
        f'<!doctype html><title>Continue</title><form method="post" action="{html.escape(target)}">'
        f"{fields}<button>Continue</button></form>"
    ).encode()


def _error(provider: "OidcProvider", failure: Failure) -> tuple[int, dict[str, Any]]:
    if failure.document is not None:
        return failure.status, failure.document
    if provider.dialect.errors_are_objects:
        error = {"message": failure.code, "type": "OAuthException", "code": failure.number}
        return failure.status, {"error": {**error, "fbtrace_id": "AbCdEf"}}
    status = 200 if provider.dialect.errors_are_fine else failure.status
    return status, {"error": failure.code, "error_description": "The double says no."}


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
