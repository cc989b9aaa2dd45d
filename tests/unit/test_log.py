"""Log lines: SECURITY D05 and Z25."""

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask

from app import errors, log
from app.config import Settings

CANARY = "canary-7c2d"
SETTINGS = Settings.model_validate({"environment": "test"})


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    level = logging.getLogger().level
    log.configure(SETTINGS, stream)
    yield stream
    sink = _sink()
    logging.getLogger().removeHandler(sink)
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def _sink() -> log.Sink:
    return next(each for each in logging.getLogger().handlers if isinstance(each, log.Sink))


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    _sink().close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_are_json_with_level_time_and_logger(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("authpage.test").info("started", port=8000)
    logging.getLogger("library").warning("careful %s", "now")
    ours, theirs = _lines(stream)
    assert (ours["event"], ours["port"], ours["level"]) == ("started", 8000, "info")
    assert ours["time"].endswith("Z")
    assert (theirs["event"], theirs["logger"]) == ("careful now", "library")


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "code",
        "one_time_code",
        "token",
        "refresh_token",
        "client_secret",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "otp",
        "client_assertion",
        "private_key",
        "code_verifier",
    ],
)
def test_d05_values_under_telling_names_are_removed(stream: io.StringIO, name: str) -> None:
    values: dict[str, Any] = {name: CANARY}
    structlog.stdlib.get_logger().info("given", **values, data={"deep": [values]})
    (line,) = _lines(stream)
    assert CANARY not in json.dumps(line)


def test_d05_queries_addresses_and_tokens_inside_text_are_removed(stream: io.StringIO) -> None:
    logger = structlog.stdlib.get_logger()
    who = f"jane.{CANARY}@example.com"
    logger.info("called", line=f"GET https://host.example/cb?code={CANARY}&state=1 by {who}")
    logger.info("seen", url=f"/x#{CANARY}", jwt=f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.abc")
    logging.getLogger("library").warning("GET /cb?code=%s", CANARY)
    lines = _lines(stream)
    assert len(lines) == 3
    assert CANARY not in json.dumps(lines)
    assert "j•••@example.com" in lines[0]["line"]


def test_d05_exceptions_are_logged_by_place_and_not_by_message(stream: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("library").exception("it broke")
        structlog.stdlib.get_logger().exception("ours broke")
    lines = _lines(stream)
    assert [line["error"][0] for line in lines] == ["ValueError", "ValueError"]
    assert "test_log.py" in lines[0]["error"][1]
    assert CANARY not in json.dumps(lines)


@pytest.fixture
def app() -> Flask:
    app = Flask("log")
    app.config["AUTHPAGE"] = SETTINGS
    log.init_app(app)
    errors.init_app(app)

    @app.route("/flow/<name>", methods=["GET", "POST"])
    def flow(name: str) -> str:
        if name == "broken":
            raise RuntimeError(CANARY)
        return "fine"

    return app


def test_d05_access_lines_name_the_route_and_nothing_that_was_sent(
    stream: io.StringIO, app: Flask
) -> None:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {CANARY}", "Cookie": f"a={CANARY}", "Referer": CANARY}
    client.post(f"/flow/{CANARY}?code={CANARY}", data={"password": CANARY}, headers=headers)
    client.get(f"/{CANARY}")
    failed = client.get("/flow/broken")
    lines = _lines(stream)
    assert CANARY not in json.dumps(lines)
    access = [line for line in lines if line["logger"] == "authpage.access"]
    assert [(line["route"], line["status"]) for line in access] == [
        ("/flow/<name>", 200),
        (None, 404),
        ("/flow/<name>", 500),
    ]
    (failure,) = [line for line in lines if line["event"] == "request_failed"]
    assert failure["request_id"] == failed.headers["X-Request-Id"]
    assert failure["error"][0] == "RuntimeError"


def test_people_at_a_terminal_get_short_lines(app: Flask, stream: io.StringIO) -> None:
    app.config["AUTHPAGE"] = SETTINGS.model_copy(update={"log_format": "console"})
    app.test_client().get("/flow/a?code=1")
    _sink().close()
    assert " GET /flow/<name> 200 " in stream.getvalue()


def test_h01_a_request_id_is_taken_from_a_trusted_proxy_only(app: Flask) -> None:
    given = {"X-Request-Id": "proxy-0123456789"}
    answer = app.test_client().get("/flow/a", headers=given)
    assert answer.headers["X-Request-Id"] != given["X-Request-Id"]
    app.config["AUTHPAGE"] = SETTINGS.model_copy(update={"trusted_proxies": 1})
    client = app.test_client()
    assert client.get("/flow/a", headers=given).headers["X-Request-Id"] == given["X-Request-Id"]
    bad = {"X-Request-Id": "a b"}
    assert client.get("/flow/a", headers=bad).headers["X-Request-Id"] != bad["X-Request-Id"]


def test_z25_a_stuck_reader_of_the_log_stops_nobody() -> None:
    reading, writing = os.pipe()
    sink = log.Sink(os.fdopen(writing, "w"))
    record = logging.LogRecord("test", logging.INFO, "", 0, "x" * 200, None, None)
    for _ in range(12_000):
        sink.emit(record)
    assert sink.dropped > 0
    drain = threading.Thread(target=_read_all, args=[reading])
    drain.start()
    sink.close()
    sink.stream.close()
    drain.join()


def _read_all(descriptor: int) -> None:
    with os.fdopen(descriptor, "rb") as stream:
        stream.read()
