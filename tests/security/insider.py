"""Somebody who is signed in and knows every route: sends what nearly fits, where it belongs."""

import re
from contextvars import Context
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.actor import CLI
from app.api.account.routes import OPERATIONS, Operation
from app.database import write
from app.directory import settings_store
from tests.factories import Factory
from tests.security.belongings import Household, household
from tests.security.noise import Noise, encoded
from tests.security.second_person import keepsakes
from tests.security.stranger import authorization
from tests.visitors import VERIFIER

_OPERATIONS = {f"account_api.{each.name}": each for each in OPERATIONS}
_ENDINGS = frozenset(
    (
        *("account_api.end_current_session", "account_api.end_all_sessions"),
        *("account_api.end_other_sessions", "account_api.end_session"),
        *("account.end_other_sessions", "account.end_session"),
        *("account.sign_out_everywhere", "sign_out.sign_out", "oidc.end_session", "oidc.revoke"),
        *("account_api.set_password", "account_api.remove_password"),
        *("account.change_password", "account.remove_password", "not_me.undo"),
        "support_recovery.use",
    )
)
"""What may end the session that goes on sending: asked for now and then, and everything is made
anew after it."""
_SECTIONS: dict[str, dict[str, Any]] = {
    "methods": {"sign_in": ["passkey", "password", "email_code", "magic_link", "sms_code"]},
    "identifiers": {"phone": "optional", "username": "optional"},
    "policy": {"mfa": "off", "sensitive_actions": ["transfer"]},
    "organizations": {"creation_open": True, "joining_open": True},
}
_THINGS = {
    "headless.show": "headless_flow_id",
    "headless.answer": "headless_flow_id",
    "headless.take_over": "handed_flow_id",
    "sign_in.finish": "finished_flow_id",
}
"""What the id in the path of a route names, where the argument does not say it."""
_FIELD = re.compile(r'name="([a-z_]+)"')
_FITTING = {
    "email": ("new@example.com", "jane@example.com"),
    "phone": ("+14155550123", "+4915112345678", "0151 1234567"),
    "username": ("jane.doe", "admin"),
    "identifier": ("jane@example.com", "+14155550123", "jane.doe"),
    "code": ("123456", "12345", "ABCD-EFGH"),
    "number": ("47", "4"),
    "action": ("continue", "resend", "sign_up", "use:passkey", "use:magic_link", "use:sms_code"),
    "password": ("a fine new password", "short"),
    "new_password": ("a fine new password", "password1"),
    "name": ("Mine",),
    "label": ("Mine",),
    "organization": ("umbrella",),
    "locale": ("de", "xx"),
    "language": ("de", "xx"),
    "credential": ("{}", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'),
    "limit": ("5", "0", "100000"),
    "after": ("evt_x", "WzEsImEiXQ"),
}
_BESIDE = ("session", "grant", "device", "token", "codes", "ticket", "id", "after", "search")


class Insider:
    """Signed in at a tenant of its own, with one of everything."""

    def __init__(self, app: Flask, make: Factory, seed: int) -> None:
        self._app, self._make, self._seed = app, make, seed
        self._client = app.test_client(use_cookies=False)
        # The console is for admins, at a tenant of its own: tests/console/test_noise.py.
        rules = [e for e in app.url_map.iter_rules() if not e.endpoint.startswith("console.")]
        self._rules = sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))
        self._settle()

    def _settle(self) -> None:
        """Be signed in at a new tenant."""
        self._seed += 1
        self._home = household(self._app, self._make)
        _switch_on(self._home)
        mine = keepsakes(self._home.tenant, self._home.user)
        self._has = vars(self._home.has) | asdict(mine)
        others = map(str, vars(self._home.has).values())
        self._noise = Noise(self._seed, {*map(str, self._has.values()), *others})
        self._cookies = {
            f"authpage_{name}": str(self._has[f"{name}_cookie"]) for name in ("session", "flow")
        }
        self._random = self._noise.random

    def send(self) -> TestResponse:
        """One request to a route, with one of its own methods."""
        rule = self._random.choice(self._rules)
        if rule.endpoint not in _ENDINGS:
            return self._send(rule)
        if self._noise.happens(0.9):
            return self.send()
        answer = self._send(rule)
        self._settle()
        return answer

    def _send(self, rule: Rule) -> TestResponse:
        method = self._random.choice(sorted((rule.methods or set()) - {"OPTIONS"}))
        path = self._path(rule)
        if path.startswith("/api/"):
            return self._call(method, path, _OPERATIONS.get(rule.endpoint))
        if path.startswith("/headless/"):
            return self._drive(method, path)
        if path.startswith("/oauth2/"):
            return self._ask_provider(method, path)
        return self._browse(method, path, rule)

    def _path(self, rule: Rule) -> str:
        path = rule.rule.replace("<path:", "<")
        for name in sorted(rule.arguments):
            wanted = _THINGS.get(rule.endpoint, name)
            path = path.replace(f"<{name}>", quote(self._id(wanted), safe=""))
        return path

    def _id(self, name: str) -> str:
        """Mostly the thing that the route is about, at times somebody else's, or none."""
        wanted = {"row_id": "pending_id", "enrolment_id": "pending_id", "app_id": "grant_id"}
        name = wanted.get(name, name)
        kind = self._random.random()
        if kind < 0.5 and name in self._has:
            return str(self._has[name])
        if kind < 0.7:
            return str(getattr(self._home.has, name, self._has["headless_flow_id"]))
        return self._noise.value()

    def _call(self, method: str, path: str, operation: Operation | None) -> TestResponse:
        """An operation of the account API, with its own members."""
        headers = [("Authorization", f"Bearer {self._has['account_token']}")]
        for name in ("Idempotency-Key", "If-Match"):
            if self._noise.happens(0.15):
                headers.append((name, self._noise.value().replace("\r", "").replace("\n", "")))
        names = [*operation.takes.model_fields] if operation else []
        query = {name: self._text(name) for name in ("after", "limit") if self._noise.happens(0.2)}
        body = {name: self._member(name) for name in names if self._noise.happens(0.95)}
        return self._ask(method, path, query, self._json_options(headers, body))

    def _drive(self, method: str, path: str) -> TestResponse:
        """A request of an app that draws its own pages."""
        headers = [("Authorization", f"Bearer {self._has['headless_token']}")]
        names = [name for name in _FITTING if self._noise.happens(0.3)]
        body: dict[str, Any] = {name: self._text(name) for name in names}
        if self._noise.happens(0.2):
            body |= {name: self._member(name) for name in names}
        if path.endswith("/flows"):
            body = {"authorize": self._spoilt_authorization()}
            if self._noise.happens(0.3):
                body["anonymous_token"] = self._noise.value()
            if self._noise.happens(0.3):
                body["invitation"] = {
                    "id": self._text("invitation_id"),
                    "token": self._text("invitation_token"),
                }
        elif "/invitations/" in path:
            headers = [("Authorization", f"Bearer {self._has['invitation_token']}")]
        elif path.endswith("/take-over"):
            body = {"request": self._has["handed_request"]} if self._noise.happens(0.8) else {}
        elif path.endswith("/links"):
            body = {name: self._text(name) for name in ("token", "number")}
            body["flow_id"] = self._id("flow_id")
        return self._ask(method, path, {}, self._json_options(headers, body))

    def _spoilt_authorization(self) -> dict[str, str]:
        given = authorization(self._home.has)
        given |= {"sensitive_action": "transfer"} if self._noise.happens(0.1) else {}
        return given if self._noise.happens(0.5) else self._noise.spoil(given)

    def _ask_provider(self, method: str, path: str) -> TestResponse:
        given = self._spoilt_authorization()
        if path.endswith("/token"):
            given = {
                "grant_type": "refresh_token",
                "refresh_token": str(self._has["refresh_token"]),
            }
            given |= {"code_verifier": VERIFIER} if self._noise.happens(0.3) else {}
            given |= {name: str(self._has[name]) for name in ("client_id", "client_secret")}
        headers = [("Authorization", f"Bearer {self._has['access_token']}")]
        sent = headers if path.endswith("/userinfo") else self._noise.headers()
        if method != "POST":
            return self._ask(method, path, given, {"headers": sent})
        return self._ask(method, path, {}, {"headers": sent, "data": given})

    def _browse(self, method: str, path: str, rule: Rule) -> TestResponse:
        """A page looked at, or its form sent with the fields that the page itself has."""
        query = {name: self._text(name) for name in _BESIDE if self._noise.happens(0.1)}
        if path in ("/not-me", "/recovery") or rule.endpoint.startswith("invitations."):
            self._ask("GET", path, {"token": self._token(path)}, {"headers": self._as_browser()})
        if path.startswith("/flow/"):
            query["request"] = str(self._has["flow_request"])
        if method != "POST":
            return self._ask(method, path, query, {"headers": self._as_browser()})
        names = {name for name in _BESIDE if self._noise.happens(0.3)}
        if rule.methods and "GET" in rule.methods:
            page = self._ask("GET", path, query, {"headers": self._as_browser()})
            names |= set(_FIELD.findall(page.text)) if page.mimetype == "text/html" else set()
        form = {name: self._text(name) for name in sorted(names)}
        form["csrf_token"] = str(self._has["csrf_token"])
        content = {"data": encoded(form), "content_type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, query, {"headers": self._as_browser(), **content})

    def _token(self, path: str) -> str:
        if self._noise.happens(0.3):
            return self._noise.value()
        known = {"/not-me": "not_me_token", "/recovery": "recovery_token"}
        return str(self._has[known.get(path, "invitation_token")])

    def _as_browser(self) -> list[tuple[str, str]]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        extra = self._noise.headers() if self._noise.happens(0.3) else []
        return [("Cookie", cookies), ("Sec-Fetch-Site", "same-origin"), *extra]

    def _text(self, name: str) -> str:
        if name in ("session", "grant", "device"):
            name = f"{name}_id"
        if name in self._has and self._noise.happens(0.6):
            return str(self._has[name])
        if name in _FITTING and self._noise.happens(0.6):
            return self._random.choice(_FITTING[name])
        return self._noise.value()

    def _member(self, name: str) -> Any:
        return self._text(name) if self._noise.happens(0.8) else self._noise.document(3)

    def _json_options(self, headers: list[tuple[str, str]], body: Any) -> dict[str, Any]:
        """A JSON body, and at times one that is none."""
        if self._noise.happens(0.03):
            body = self._noise.document(3)
        data = self._noise.as_json(body) if self._noise.happens(0.97) else self._noise.trash()
        extra = self._noise.headers() if self._noise.happens(0.1) else []
        return {"headers": headers + extra, "data": data, "content_type": "application/json"}

    def _ask(
        self, method: str, path: str, query: dict[str, str], options: dict[str, Any]
    ) -> TestResponse:
        url = f"{self._home.tenant.base_url}{path}{'?' if query else ''}{encoded(query)}"
        # Not through the client's own `open`: it inspects pages, and noise comes back in some.
        response: TestResponse = Context().run(
            FlaskClient.open, self._client, url, method=method, **options
        )
        self._keep_flow_cookie(response)
        return response

    def _keep_flow_cookie(self, response: TestResponse) -> None:
        """It remembers links that were looked at; what is signed out of goes on being tried."""
        for line in response.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if name == "authpage_flow" and value:
                self._cookies[name] = value


def _switch_on(home: Household) -> None:
    """Let the tenant have every way of signing in and every operation."""
    with write(home.tenant.id) as session:
        for section, document in _SECTIONS.items():
            settings_store.publish(session, CLI, section, document)
