"""A small OpenID provider on a loopback port. It speaks the real protocol, and lies on request."""

import base64
import hashlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

CLIENT_ID = "cli_dashboard"
CLIENT_SECRET = "a secret: with % and + in it"
SUBJECT = "usr_jane"
TOKEN_SECONDS = 300
ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}

Key = RSAKey | ECKey | OKPKey
Claims = dict[str, Any]


class Clock:
    """A clock that tests move. Provider and app read the same one."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Answer:
    status: int
    body: dict[str, Any] | None = None
    location: str | None = None


@dataclass
class ProviderDouble:
    """The provider's state, and the knobs that make it misbehave."""

    clock: Clock
    key: Key
    issuer: str = ""
    published: list[Key] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    authorize_query: dict[str, str] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    organization: str | None = "org_northwind"

    is_down: bool = False
    sends_iss: bool = True
    authorize_error: str | None = None
    answer_changes: dict[str, str | None] = field(default_factory=dict)
    id_token_changes: Claims = field(default_factory=dict)
    userinfo_changes: Claims = field(default_factory=dict)
    token_changes: Claims = field(default_factory=dict)
    sign_id_token: Callable[[Claims], str] | None = None
    refresh_error: str | None = None
    losses: int = 0
    """So many refresh answers get lost after the provider has acted."""
    before_refresh: Callable[[], None] | None = None

    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refresh_tokens: set[str] = field(default_factory=set)
    _used_refresh_tokens: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign(self, claims: Claims, typ: str = "JWT", **header: Any) -> str:
        """Sign with the current key, as an honest provider does."""
        return jwt.encode(
            {"alg": ALGORITHMS[self.key.key_type], "kid": self.key.kid, "typ": typ} | header,
            claims,
            self.key,
        )

    def access_token(self, **changes: Any) -> str:
        """A JWT access token (RFC 9068). A change to None removes the claim."""
        claims = self._times() | {
            "aud": CLIENT_ID,
            "client_id": CLIENT_ID,
            "sub": SUBJECT,
            "scope": "openid profile reports:read",
            "jti": secrets.token_hex(8),
        }
        return self.sign(_changed(claims, changes), "at+jwt")

    def id_token(self, access_token: str, nonce: str | None = None, **changes: Any) -> str:
        """An ID token. A change to None removes the claim."""
        at_hash = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = self._times() | {
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "at_hash": base64.urlsafe_b64encode(at_hash).rstrip(b"=").decode(),
            "org_id": self.organization,
            "roles": ["admin"],
            "nonce": nonce,
        }
        claims = _changed(claims, changes | self.id_token_changes)
        return self.sign_id_token(claims) if self.sign_id_token else self.sign(claims)

    def rotate_key(self, key: Key) -> None:
        """Sign with another key and publish it. The old one stays."""
        self.key = key
        self.published.append(key)

    def revoke_everything(self) -> None:
        """End every session of the person: no refresh token is good any more."""
        self._refresh_tokens.clear()

    def answer(self, method: str, path: str, query: str, headers: Any, body: str) -> Answer:
        """Answer one request."""
        self.requests[path] += 1
        if self.is_down:
            return Answer(503)
        handlers: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/.well-known/openid-configuration"): self._discovery,
            ("GET", "/jwks"): self._jwks,
            ("GET", "/authorize"): lambda: self._authorize(_single(query)),
            ("POST", "/token"): lambda: self._token(_single(body), headers),
            ("GET", "/userinfo"): self._userinfo,
            ("POST", "/revoke"): lambda: self._revoke(_single(body)),
        }
        handler = handlers.get((method, path))
        return handler() if handler else Answer(404)

    def _discovery(self) -> Answer:
        endpoints = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/jwks",
            "userinfo_endpoint": "/userinfo",
            "revocation_endpoint": "/revoke",
            "end_session_endpoint": "/logout",
        }
        document: dict[str, Any] = {name: self.issuer + path for name, path in endpoints.items()}
        document["issuer"] = self.issuer
        document["authorization_response_iss_parameter_supported"] = self.sends_iss
        return Answer(200, document)

    def _jwks(self) -> Answer:
        keys = [key.as_dict(private=False) | {"use": "sig"} for key in self.published]
        return Answer(200, {"keys": keys})

    def _authorize(self, query: dict[str, str]) -> Answer:
        self.authorize_query = query
        answer: dict[str, str | None] = {"state": query["state"]}
        if self.sends_iss:
            answer["iss"] = self.issuer
        if self.authorize_error:
            answer["error"] = self.authorize_error
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self._codes[str(answer["code"])] = query
        answer |= self.answer_changes
        parameters = urlencode({name: value for name, value in answer.items() if value})
        return Answer(303, location=f"{query['redirect_uri']}?{parameters}")

    def _token(self, form: dict[str, str], headers: Any) -> Answer:
        if not _is_our_client(headers.get("Authorization", "")):
            return Answer(401, {"error": "invalid_client"})
        if form["grant_type"] == "refresh_token":
            return self._refresh(form)
        request = self._codes.pop(form["code"], None)
        if request is None or request["redirect_uri"] != form["redirect_uri"]:
            return Answer(400, {"error": "invalid_grant"})
        if _s256(form["code_verifier"]) != request["code_challenge"]:
            return Answer(400, {"error": "invalid_grant"})
        return self._tokens(request["nonce"])

    def _refresh(self, form: dict[str, str]) -> Answer:
        """Rotate. A second use of a token revokes everything, unless its answer was lost."""
        if self.before_refresh:
            self.before_refresh()
        if self.refresh_error:
            return Answer(400, {"error": self.refresh_error})
        token = form["refresh_token"]
        with self._lock:
            if token in self._used_refresh_tokens:
                self._refresh_tokens.clear()
            if token not in self._refresh_tokens:
                return Answer(400, {"error": "invalid_grant"})
            if self.losses:
                self.losses -= 1
                return Answer(0)
            self._refresh_tokens.remove(token)
            self._used_refresh_tokens.add(token)
        if form.get("organization"):
            self.organization = form["organization"]
        return self._tokens(None)

    def _tokens(self, nonce: str | None) -> Answer:
        access_token = self.access_token()
        refresh_token = secrets.token_urlsafe(16)
        self._refresh_tokens.add(refresh_token)
        body = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid profile email offline_access",
            "id_token": self.id_token(access_token, nonce),
            "refresh_token": refresh_token,
        }
        return Answer(200, _changed(body, self.token_changes))

    def _userinfo(self) -> Answer:
        organizations = [
            {"id": "org_northwind", "slug": "northwind", "name": "Northwind Labs"},
            {"id": "org_contoso", "slug": "contoso", "name": "Contoso"},
        ]
        claims = {
            "sub": SUBJECT,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "roles": ["owner"],
            "organizations": organizations,
        }
        return Answer(200, claims | self.userinfo_changes)

    def _revoke(self, form: dict[str, str]) -> Answer:
        self.revoked.append(form["token"])
        self._refresh_tokens.discard(form["token"])
        return Answer(200)

    def _times(self) -> Claims:
        now = int(self.clock())
        return {"iss": self.issuer, "iat": now, "exp": now + TOKEN_SECONDS}


@contextmanager
def running(provider: ProviderDouble) -> Iterator[ProviderDouble]:
    """Serve the provider on a free loopback port, which becomes its issuer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: apart, the second waits for the first's acknowledgement.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, body: str) -> None:
            parts = urlsplit(self.path)
            answer = provider.answer(self.command, parts.path, parts.query, self.headers, body)
            if answer.status == 0:
                self.close_connection = True
                return
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            if answer.location:
                self.send_header("Location", answer.location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the tests count requests instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _changed(claims: Claims, changes: Claims) -> Claims:
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _single(encoded: str) -> dict[str, str]:
    assert all(len(values) == 1 for values in parse_qs(encoded).values())
    return dict(parse_qsl(encoded))


def _is_our_client(authorization: str) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    if scheme != "Basic":
        return False
    client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
