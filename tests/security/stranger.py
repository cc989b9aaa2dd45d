"""Sends anything to any route: what is right for another one, what is nearly right, and noise."""

from contextvars import Context
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.security.belongings import Belongings, Household
from tests.security.noise import CONTENT_TYPES, METHODS, Noise, encoded
from tests.visitors import CHALLENGE, VERIFIER


class Stranger:
    """Knows what a tenant has, and not where it belongs."""

    def __init__(self, app: Flask, home: Household, seed: int) -> None:
        self._noise = Noise(seed, map(str, vars(home.has).values()))
        self._random = self._noise.random
        self._home = home
        self._rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        self._client = app.test_client(use_cookies=False)

    def send(self) -> TestResponse:
        """One request."""
        method = self._random.choice(METHODS)
        if self._noise.happens(0.7):
            method = self._random.choice(("GET", "POST"))
        options: dict[str, Any] = {"headers": self._headers(), "method": method}
        if method not in ("GET", "HEAD") or self._noise.happens(0.1):
            options |= self._body()
        host = self._random.choice(("", "", "", self._home.path, self._home.path))
        query = encoded(self._parameters(0.5))
        url = f"http://localhost:8000{host}{self._path()}{'?' if query else ''}{query}"
        # Not through the client's own `open`: it inspects pages, and noise comes back in some.
        response: TestResponse = Context().run(FlaskClient.open, self._client, url, **options)
        return response

    def _path(self) -> str:
        rule = self._random.choice(self._rules)
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<path:{name}>", f"<{name}>")
            path = path.replace(f"<{name}>", quote(self._noise.value(), safe=""))
        return path if self._noise.happens(0.95) else quote(path + self._noise.value())

    def _parameters(self, share: float) -> dict[str, str]:
        if not self._noise.happens(share):
            return {}
        return self._noise.spoil(self._right() if self._noise.happens(0.6) else {})

    def _right(self) -> dict[str, str]:
        has = self._home.has
        return self._random.choice(
            [
                authorization(has),
                {"grant_type": "authorization_code", "code": has.code, "code_verifier": VERIFIER,
                 "client_id": has.client_id, "client_secret": has.client_secret},
                {"grant_type": "refresh_token", "refresh_token": has.refresh_token,
                 "client_id": has.client_id, "client_secret": has.client_secret},
                {"token": has.access_token, "client_id": has.client_id},
                {"id_token_hint": has.id_token, "client_id": has.client_id},
                {"email": has.email, "csrf_token": has.csrf_token},
                {"session": has.session_id, "csrf_token": has.csrf_token},
                {"request": has.flow_request},
            ]
        )  # fmt: skip

    def _headers(self) -> list[tuple[str, str]]:
        has, sent = self._home.has, []
        if self._noise.happens(0.4):
            cookies = f"authpage_session={has.session_cookie}; authpage_flow={has.flow_cookie}"
            sent.append(("Cookie", cookies))
        if self._noise.happens(0.3):
            token = self._random.choice((has.access_token, has.opaque_token, has.headless_token))
            sent.append(("Authorization", f"Bearer {token}"))
        return sent + self._noise.headers()

    def _body(self) -> dict[str, Any]:
        content_type = self._random.choice(CONTENT_TYPES)
        if self._noise.happens(0.1):
            data = self._noise.trash()
        elif "json" in content_type:
            data = self._noise.as_json(self._document())
        else:
            data = encoded(self._parameters(0.9)).encode()
        return {"data": data, "content_type": content_type}

    def _document(self) -> Any:
        if self._noise.happens(0.1):
            return self._noise.document(3)
        made: dict[str, Any] = dict(self._parameters(1))
        made["authorize"] = self._random.choice((self._noise.document(2), self._right()))
        made["kind"] = self._noise.document(0)
        return {name: made[name] for name in made if self._noise.happens(0.8)}


def authorization(has: Belongings) -> dict[str, str]:
    """The parameters of an authorization request that is right."""
    return {
        "client_id": has.client_id,
        "redirect_uri": "https://app.example/callback",
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
    }
