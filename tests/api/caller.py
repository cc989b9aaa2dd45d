"""An app that calls the account API for a person, and checks every answer against the document."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from openapi_schema_validator import OAS31Validator
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from app.directory.clients import SCOPES
from tests.protocol.provider import Party, Provider

ROOT = "/api/v1/account"


@dataclass
class Caller:
    """One person's app with its access token."""

    provider: Provider
    user_id: str
    browser: Browser
    party: Party
    token: str
    session_id: str
    document: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """The answer, which is as the document promises it."""
        given = {"Authorization": f"Bearer {token or self.token}", **(headers or {})}
        if body is not None:
            options["json"] = body
        url = self.provider.url(f"{ROOT}{path}")
        response = self.provider.app.test_client(use_cookies=False).open(
            url, method=method, headers=given, **options
        )
        self._check(method, path.partition("?")[0], response)
        return response

    def _check(self, method: str, path: str, response: TestResponse) -> None:
        if not self.document:
            self.document = dict(document(self.provider.app, self.provider.issuer))
        promised = _operation(self.document, method, path)["responses"]
        found = promised.get(str(response.status_code))
        assert found, f"{method} {path} answered {response.status_code}: {response.text[:300]}"
        if response.status_code == 204:
            assert response.data == b""
            return
        schema = found["content"][response.mimetype]["schema"]
        whole = {**schema, "components": self.document["components"]}
        faults = [each.message for each in OAS31Validator(whole).iter_errors(response.get_json())]
        assert faults == []
        if response.status_code >= 400:
            code = response.get_json()["code"]
            assert f"`{code}`" in found["description"], f"{method} {path} does not promise {code}"


def document(app: Flask, issuer: str) -> dict[str, Any]:
    """The OpenAPI document as anybody gets it."""
    response = app.test_client().get(f"{issuer}{ROOT}/openapi.json")
    assert response.status_code == 200
    return dict(response.get_json())


def caller(
    provider: Provider,
    user_id: str | None = None,
    *,
    ago: int = 0,
    scope: str = "openid account",
    **registration: Any,
) -> Caller:
    """A person who signed in `ago` seconds ago, and an app that got a token for the account."""
    user_id = user_id or provider.person()
    registration.setdefault("scopes", [*SCOPES])
    party = provider.party(**registration)
    browser = provider.browser()
    session_id = provider.sign_in(browser, user_id, ago=ago)
    token = provider.tokens(browser, party, scope=scope)["access_token"]
    return Caller(provider, user_id, browser, party, token, session_id)


def code_of(response: TestResponse) -> str:
    """The problem's code."""
    return str(response.get_json()["code"])


def _operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in document["paths"][template]:
            found: dict[str, Any] = document["paths"][template][method.lower()]
            return found
    raise AssertionError(f"{method} {path} is not in the document")
