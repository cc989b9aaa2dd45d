"""An application that shows the setup portal in pages of its own, by the JSON API."""

import re
from typing import Any

from flask import Flask
from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from app.directory.tenants import Tenant

ROOT = "/api/v1/setup"


class Program:
    """An application that shows the portal in its own pages."""

    def __init__(self, app: Flask, tenant: Tenant) -> None:
        self.app, self.tenant, self.token = app, tenant, ""
        self.document = app.test_client().get(f"{tenant.base_url}{ROOT}/openapi.json").get_json()

    def open(self, link: str) -> TestResponse:
        """Open a link, and keep the session token."""
        response = self.call("POST", "/sessions", {"token": link})
        self.token = (response.get_json() or {}).get("session_token", "")
        return response

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        """The answer, which the document describes."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        client = self.app.test_client(use_cookies=False)
        url = f"{self.tenant.base_url}{ROOT}{path}"
        options = {} if body is None else {"json": body}
        response = client.open(url, method=method, headers=headers, **options)
        self._compare(method, path, response)
        return response

    def _compare(self, method: str, path: str, response: TestResponse) -> None:
        (described,) = [
            operations[method.lower()]
            for known, operations in self.document["paths"].items()
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known)), path or "/")
            and method.lower() in operations
        ]
        promised = described["responses"][str(response.status_code)]
        if "content" not in promised:
            assert not response.data
            return
        schema = promised["content"][response.mimetype]["schema"]
        root = {**schema, "components": self.document["components"]}
        OAS31Validator(root).validate(response.get_json())
        if response.mimetype == "application/problem+json":
            assert f"`{response.get_json()['code']}`" in promised["description"]


def code_of(response: TestResponse) -> tuple[int, str]:
    """Status and stable code of a refusal."""
    return response.status_code, response.get_json()["code"]
