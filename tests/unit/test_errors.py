"""The error edge: SECURITY part 4, D01, D02, D05, P02 and C09."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort, redirect
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import errors, log, support_codes
from app.actor import CLI
from app.config import Settings
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.permissions import Forbidden
from app.errors import Problem
from app.hashing import Busy
from app.json_body import MAX_BYTES, read_json

CANARY = "canary-5e1f"


def _raiser(error: Exception) -> Callable[[], ResponseReturnValue]:
    def view() -> ResponseReturnValue:
        raise error

    return view


FAILURES: dict[str, Exception] = {
    "problem": Problem("taken", 409, "It is taken.", field="email"),
    "limited": Problem("too_many_requests", 429, "Wait.", retry_after=17),
    "recursion": RecursionError(CANARY),
    "unicode": UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY),
    "csrf": CSRFError(CANARY),
    "busy": Busy(),
    "database": OperationalError(CANARY, {"code": CANARY}, Exception(CANARY)),
    "pool": PoolTimeout(CANARY),
    "bug": ValueError(CANARY),
    "forbidden": Forbidden(CLI, "user.create"),
    "missing": NotFound("user"),
    "taken": Taken("slug"),
    "stale": StaleRow(),
    "value": BadValue("slug", "Too long."),
    "markup": Problem("bad_request", 400, "<script>"),
}


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("errors")
    app.config["AUTHPAGE"] = Settings.model_validate({"environment": "test"}).completed()
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    log.init_app(app)
    errors.init_app(app)
    for prefix in ("", "/headless", "/oauth2/token"):
        for name, error in FAILURES.items():
            endpoint = f"{prefix}/{name}".strip("/")
            app.add_url_rule(f"{prefix}/{name}", endpoint, _raiser(error))
    app.add_url_rule("/oauth2/token", "token", _raiser(ValueError(CANARY)), methods=["POST"])
    app.add_url_rule("/headless/read", "read", read_json, methods=["POST"])
    app.add_url_rule("/form", "form", lambda: "ok", methods=["GET", "POST"])
    app.add_url_rule("/gone", "gone", lambda: abort(410))
    app.add_url_rule("/leave", "leave", lambda: redirect("/form", 303))
    app.add_url_rule("/given", "given", lambda: abort(app.make_response(("kept", 400))))
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("problem", 409, "taken"),
        ("limited", 429, "too_many_requests"),
        ("recursion", 400, "bad_request"),
        ("unicode", 400, "bad_request"),
        ("csrf", 400, "csrf_failed"),
        ("busy", 503, "busy"),
        ("database", 503, "unavailable"),
        ("pool", 503, "unavailable"),
        ("bug", 500, "internal_error"),
        ("forbidden", 403, "forbidden"),
        ("missing", 404, "not_found"),
        ("taken", 409, "taken"),
        ("stale", 412, "precondition_failed"),
        ("value", 422, "bad_value"),
        ("nowhere", 404, "not_found"),
        ("read", 405, "method_not_allowed"),
    ],
)
def test_machines_get_a_stable_code(client: FlaskClient, name: str, status: int, code: str) -> None:
    answer = client.get(f"/headless/{name}")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body = json.loads(answer.data)
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert CANARY not in answer.text


@pytest.mark.parametrize("name", [*FAILURES, "nowhere", "gone"])
def test_people_get_a_page_that_says_nothing_of_the_inside(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/{name}")
    assert answer.status_code >= 400
    assert answer.mimetype == "text/html"
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert "<script>" not in answer.text


def test_an_unexpected_error_shows_the_support_code(client: FlaskClient) -> None:
    answer = client.get("/bug")
    assert answer.status_code == 500
    code = support_codes.of_id(answer.headers["X-Request-Id"])
    assert code in answer.text
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)


def test_extra_members_and_headers_are_told(client: FlaskClient) -> None:
    assert client.get("/headless/problem").get_json(force=True)["field"] == "email"
    assert client.get("/headless/limited").headers["Retry-After"] == "17"
    assert int(client.get("/headless/busy").headers["Retry-After"]) > 0
    assert int(client.get("/database").headers["Retry-After"]) > 0
    assert set(client.put("/form").headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_oauth_endpoints_answer_in_the_words_of_rfc_6749(client: FlaskClient) -> None:
    answer = client.get("/oauth2/token")
    assert (answer.status_code, answer.get_json()["error"]) == (405, "invalid_request")
    answer = client.post("/oauth2/token")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    answer = client.post("/oauth2/token", data={"code": "a\x00b"})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_accepting_only_json_makes_a_machine(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert client.get("/nowhere", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_redirects_and_ready_answers_pass(client: FlaskClient) -> None:
    assert client.get("/leave").status_code == 303
    assert client.get("/given").text == "kept"


@pytest.mark.parametrize("text", ["%00", "%ff", "%ed%a0%80", "a%c3"])
def test_d01_nul_and_bad_utf8_are_refused_everywhere(client: FlaskClient, text: str) -> None:
    form = "application/x-www-form-urlencoded"
    assert client.get(f"/form?a={text}").status_code == 400
    assert client.get(f"/form?{text}=a").status_code == 400
    assert client.post("/form", data=f"a={text}", content_type=form).status_code == 400
    assert client.get(f"/form{text}").status_code in (400, 404)


def test_p02_an_oversize_form_is_refused(client: FlaskClient) -> None:
    answer = client.post("/form", data={"a": "b" * 200_000})
    assert answer.status_code == 413


def _post(client: FlaskClient, body: bytes, media_type: str = "application/json") -> Any:
    return client.post("/headless/read", data=body, content_type=media_type)


def test_plain_json_is_read(client: FlaskClient) -> None:
    body = {"a": ["ü", 1.5, True, None, {"b": "\U0001f600"}]}
    assert _post(client, json.dumps(body).encode()).get_json() == body
    assert _post(client, b"{}", "application/json; charset=UTF-8").get_json() == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 1}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": ["\\ud800"]}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}",
        b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a": ' * 9_000 + b"1" + b"}" * 9_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_d01_ambiguous_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = _post(client, body)
    assert answer.status_code == 400
    assert json.loads(answer.data)["code"] == "invalid_json"


def test_d01_a_body_beyond_64_kib_is_refused(client: FlaskClient) -> None:
    assert _post(client, b'{"a": "' + b"b" * MAX_BYTES + b'"}').status_code == 413


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"],
)
def test_c09_other_content_types_are_refused(client: FlaskClient, media_type: str) -> None:
    answer = _post(client, b"{}", media_type)
    assert (answer.status_code, json.loads(answer.data)["code"]) == (415, "unsupported_media_type")
