"""D06, G15: random and nearly right requests on every route; none is answered with 500."""

import json
import random
from collections import Counter
from contextvars import Context
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Factory
from tests.security.belongings import Belongings, Household, household
from tests.visitors import CHALLENGE, VERIFIER

SEED = 20_261_121
FEW, MANY = 4_000, 100_000
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
PARAMETERS = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method", "prompt", "max_age", "login_hint", "id_token_hint",
    "ui_locales", "acr_values", "claims", "organization", "request", "request_uri", "registration",
    "grant_type", "code", "code_verifier", "refresh_token", "client_secret", "token",
    "token_type_hint", "access_token", "post_logout_redirect_uri", "logout_hint", "ticket", "email",
    "password", "action", "choice", "csrf_token", "locale", "session", "display_name",
    "organization_name", "search", "metadata", "authorize", "kind", "response", "resource",
)  # fmt: skip
WORDS = (
    "code", "openid", "openid profile email offline_access", "query", "form_post", "fragment",
    "none", "login", "create", "select_account consent", "S256", "plain", "authorization_code",
    "refresh_token", "client_credentials", "password", "sign_in", "sign_up", "recover", "continue",
    "resend", "use:email_code", "use:nothing", "use:", "choose", "change", "restart", "allow",
    "deny", "another_account", "go_to", "code", "https://app.example/callback",
    "jane@example.com", "123456", "0", "-1", "99999999999999999999", "de", "ar zz-ZZ", "true",
    "[]", "{}", '{"id_token": {"sub": {"value": "x"}, "acr": {"essential": true}}}', "null",
)  # fmt: skip
NASTY = (
    "", " ", "\t", "\r\n", "\x00", "\x1b[31m", "\u202e", "\ud7ff", "\ufeff", "😀" * 50, "é" * 300,
    "'", '"', "`", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "%s%n", "%", "%00", "%ff",
    "../../etc/passwd", "\\", "//evil", "a" * 5_000, "' OR 1=1 --", ";", "&", "=", "\x7f", "·" * 99,
    "١٢٣", "NaN", "Infinity", "1e999", "0x10", "\u017f", "\u0130", "\ufb00",
    "a@b@c", "@", "a@", "@b", ".@.", "a@b",
)  # fmt: skip
HEADERS = (
    "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "Accept", "Accept-Language", "Host",
    "Content-Type", "Content-Encoding", "If-None-Match", "Range", "User-Agent", "X-Request-Id",
    "X-Forwarded-For", "Transfer-Encoding", "Expect", "Referer", "Accept-Encoding",
)  # fmt: skip
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/json; charset=utf-16",
    "",
    "nonsense",
)


class Fuzzer:
    """Makes requests out of what is right, what is nearly right, and noise."""

    def __init__(self, app: Flask, home: Household, seed: int) -> None:
        self._random = random.Random(seed)
        self._home = home
        self._rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        self._client = app.test_client(use_cookies=False)
        self._belongings = [str(value) for value in vars(home.has).values()]

    def send(self) -> TestResponse:
        """One request."""
        method = self._random.choice(METHODS)
        if self._random.random() < 0.7:
            method = self._random.choice(("GET", "POST"))
        options: dict[str, Any] = {"headers": self._headers(), "method": method}
        if method not in ("GET", "HEAD") or self._random.random() < 0.1:
            options |= self._body()
        host = self._random.choice(("", "", "", self._home.path, self._home.path))
        query = self._query()
        url = f"http://localhost:8000{host}{self._path()}{'?' if query else ''}{query}"
        # Not through the client's own `open`: it inspects pages, and noise comes back in some.
        response: TestResponse = Context().run(FlaskClient.open, self._client, url, **options)
        return response

    def _path(self) -> str:
        rule = self._random.choice(self._rules)
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<path:{name}>", f"<{name}>")
            path = path.replace(f"<{name}>", quote(self._value(), safe=""))
        return path if self._random.random() < 0.95 else quote(path + self._value())

    def _query(self) -> str:
        return "&".join(
            f"{name}={quote(value, safe='')}" for name, value in self._parameters(0.5).items()
        )

    def _parameters(self, share: float) -> dict[str, str]:
        if self._random.random() > share:
            return {}
        given = self._right() if self._random.random() < 0.6 else {}
        for name in self._random.sample(PARAMETERS, self._random.randint(0, 5)):
            given[name] = self._value()
        for name in self._random.sample([*given], min(len(given), self._random.randint(0, 1))):
            del given[name]
        return given

    def _right(self) -> dict[str, str]:
        has = self._home.has
        return self._random.choice(
            [
                _authorization(has),
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

    def _value(self) -> str:
        kind = self._random.random()
        if kind < 0.35:
            return self._random.choice(self._belongings)
        if kind < 0.6:
            return self._random.choice(WORDS)
        if kind < 0.9:
            return self._random.choice(NASTY)
        changed = list(self._random.choice(self._belongings))
        changed[self._random.randrange(len(changed))] = self._random.choice("aZ0._-%\x00é")
        return "".join(changed)

    def _headers(self) -> list[tuple[str, str]]:
        has, sent = self._home.has, []
        if self._random.random() < 0.4:
            cookies = f"authpage_session={has.session_cookie}; authpage_flow={has.flow_cookie}"
            sent.append(("Cookie", cookies))
        if self._random.random() < 0.3:
            token = self._random.choice((has.access_token, has.opaque_token, has.headless_token))
            sent.append(("Authorization", f"Bearer {token}"))
        for _ in range(self._random.choice((0, 0, 0, 1, 2))):
            name = self._random.choice(HEADERS)
            value = self._value().replace("\r", "").replace("\n", "")
            sent.append((name, value.encode().decode("latin-1")))
        return sent

    def _body(self) -> dict[str, Any]:
        content_type = self._random.choice(CONTENT_TYPES)
        if self._random.random() < 0.1:
            data = self._random.randbytes(self._random.choice((0, 1, 50, 5_000, 70_000)))
        elif "json" in content_type:
            data = json.dumps(self._document(3)).encode()
        else:
            pairs = self._parameters(0.9).items()
            data = "&".join(f"{n}={quote(v, safe='')}" for n, v in pairs).encode()
        return {"data": data, "content_type": content_type}

    def _document(self, depth: int) -> Any:
        kind = self._random.random()
        if depth == 3 and kind < 0.9:
            made: dict[str, Any] = dict(self._parameters(1))
            made["authorize"] = self._random.choice((self._document(2), self._right()))
            made["kind"] = self._document(0)
            return {name: made[name] for name in made if self._random.random() < 0.8}
        if depth and kind < 0.3:
            return {self._value(): self._document(depth - 1) for _ in range(3)}
        if depth and kind < 0.4:
            return [self._document(depth - 1) for _ in range(3)]
        return self._random.choice((self._value(), self._value(), None, True, 7, -1.5, 10**400))


def _authorization(has: Belongings) -> dict[str, str]:
    return {
        "client_id": has.client_id,
        "redirect_uri": "https://app.example/callback",
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
    }


def _fuzz(app: Flask, make: Factory, requests: int, seed: int) -> Counter[int]:
    fuzzer = Fuzzer(app, household(app, make), seed)
    statuses: Counter[int] = Counter()
    for number in range(requests):
        response = fuzzer.send()
        statuses[response.status_code] += 1
        asked = response.request
        assert response.status_code < 500, (
            f"Request {number} of seed {seed}: {asked.method} {asked.url[:500]!r}"
            f" answered {response.status_code}"
        )
    return statuses


def test_d06_no_route_answers_500(app: Flask, make: Factory) -> None:
    statuses = _fuzz(app, make, FEW, SEED)
    assert statuses[200] > FEW / 50, "Some of the requests must be right."
    assert statuses[303] > FEW / 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_d06_no_route_answers_500_for_long(app: Flask, make: Factory, seed: int) -> None:
    _fuzz(app, make, MANY, seed)
