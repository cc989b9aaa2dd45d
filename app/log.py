"""Log lines: JSON with a request id, redacted, and written by a thread: a full disk stops nobody.

No code, link, token or secret may reach a log (SECURITY D05): values under telling names are
replaced, queries are cut off, and of exceptions only their types and places are written, because
their messages quote what was sent.
"""

import atexit
import json
import logging
import re
import sys
import threading
import time
from collections import deque
from functools import lru_cache
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.typing import EventDict, Processor, WrappedLogger

from app import clock, metrics, support_codes
from app.addresses import mask_email
from app.config import Settings, settings
from app.whereabouts import where

_REMOVED = "[removed]"
_CHATTY = ("alembic", "asyncio", "authlib", "httpcore2", "httpx2", "PIL", "sqlalchemy", "werkzeug")
"""Libraries that log whole URLs, or what callers sent."""
_QUEUE_LINES = 10_000
_GATHER_SECONDS = 0.05
_SECRET_NAME = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|assertion|credential|private|otp|(^|_)codes?$"
    r"|verifier|nonce|signature|envelope",
    re.IGNORECASE,
)
_PLAIN_NAMES = frozenset({"status_code", "exit_code"})
_QUERY = re.compile(r"[?#][^\s\"'<>]+")
_EMAIL = re.compile(r"[^\s\"'<>@:=,;()]+@[\w.-]+\w")
_JWT = re.compile(r"eyJ[\w-]{8,}(\.[\w-]*){1,4}")
_GIVEN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def configure(chosen: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process, of libraries too, to `stream` (standard error)."""
    before: list[Processor] = [
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_time,
        _add_places,
        redact,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = Sink(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(chosen),
            ],
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, Sink)]:
        old.close()
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(chosen.log_level.upper())
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Give every request an id and one access line, which names the route and never the query."""
    app.before_request(_start)
    app.after_request(_finish)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what may not be logged; a structlog processor."""
    for name, value in event.items():
        event[name] = _clean(name, value)
    return event


class Sink(logging.Handler):
    """Writes lines from a thread of its own; when the reader is stuck, lines are dropped, not us.

    The thread starts at the first line, so after any fork, and gathers lines for a moment: waking
    it for every line would cost each request a change of threads.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.dropped = 0
        self._lines: deque[str] = deque()
        self._has_lines = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record. One that cannot be formatted is dropped: it must not be printed raw."""
        try:
            line = self.format(record)
        except Exception:
            self.dropped += 1
        else:
            self.put(line)

    def put(self, line: str) -> None:
        """Queue one line, or count it as dropped when too many wait."""
        if len(self._lines) >= _QUEUE_LINES:
            self.dropped += 1
            return
        self._lines.append(line)
        if self._thread is None or not self._thread.is_alive():
            self._start()
        if not self._has_lines.is_set():
            self._has_lines.set()

    def close(self) -> None:
        """Write what is queued, for at most two seconds, and stop."""
        if self._thread and self._thread.is_alive():
            self._closing.set()
            self._has_lines.set()
            self._thread.join(2)
        super().close()

    def _start(self) -> None:
        if self._thread is None:
            atexit.register(self.close)
        self._closing.clear()
        self._thread = threading.Thread(target=self._write_lines, name="log", daemon=True)
        self._thread.start()

    def _write_lines(self) -> None:
        while not self._closing.is_set():
            self._has_lines.wait()
            self._closing.wait(_GATHER_SECONDS)
            self._has_lines.clear()
            self._write_waiting()

    def _write_waiting(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        try:
            self.stream.write("".join(f"{line}\n" for line in lines))
            self.stream.flush()
        except (OSError, ValueError):
            self.dropped += len(lines)


def _renderer(chosen: Settings) -> Processor:
    if chosen.log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=False)
    return structlog.processors.JSONRenderer()


def _add_time(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["time"] = _now()
    return event


def _now() -> str:
    seconds, milliseconds = divmod(clock.now(), clock.SECOND)
    return f"{_second(seconds)}.{milliseconds:03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if has_request_context() and "request_id" in g:
        event["request_id"] = g.request_id
        if "flow_id" in g:
            event["flow_id"] = g.flow_id
    return event


def _add_places(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the places of an exception where its traceback, with messages, would go."""
    given = event.pop("exc_info", None)
    record: logging.LogRecord | None = event.get("_record")
    if record is not None:
        given = record.exc_info
        record.exc_info = record.exc_text = None
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = where(error)
    return event


def _clean(name: str, value: Any) -> Any:
    if name in ("_record", "_from_structlog"):
        return value
    if _SECRET_NAME.search(name) and name not in _PLAIN_NAMES:
        return _REMOVED
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {key: _clean(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean_text(str(value))


def _clean_text(text: str) -> str:
    text = _QUERY.sub("?" + _REMOVED, text) if "?" in text or "#" in text else text
    text = _EMAIL.sub(lambda found: mask_email(found[0]), text) if "@" in text else text
    return _JWT.sub(_REMOVED, text) if "eyJ" in text else text


def _start() -> None:
    given = request.headers.get("X-Request-Id", "")
    trusted = settings().trusted_proxies > 0
    is_taken = trusted and _GIVEN_REQUEST_ID.fullmatch(given)
    g.request_id = given if is_taken else support_codes.new_request_id()
    g.started = time.monotonic()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    route = request.url_rule.rule if request.url_rule else None
    seconds = time.monotonic() - g.started
    method = request.method if request.method in _METHODS else "other"
    metrics.count_request(method, route, response.status_code, seconds)
    root = logging.getLogger()
    if root.level <= logging.INFO:
        line = _access_line(method, route, response, round(seconds * 1_000, 1))
        for handler in root.handlers:
            if isinstance(handler, Sink):
                handler.put(line)
    return response


def _access_line(method: str, route: str | None, response: Response, milliseconds: float) -> str:
    """Written by hand, since every request pays for it; nothing in it comes from the request."""
    size = response.content_length
    if settings().log_format == "console":
        return f"{_now()} {method} {route} {response.status_code} {milliseconds} ms"
    return (
        f'{{"event": "request", "method": "{method}", "route": {_quoted(route)}, '
        f'"status": {response.status_code}, "milliseconds": {milliseconds}, '
        f'"bytes": {json.dumps(size)}, "request_id": "{g.request_id}", '
        f'"level": "info", "logger": "authpage.access", "time": "{_now()}"}}'
    )


@lru_cache(maxsize=1_024)
def _quoted(route: str | None) -> str:
    return json.dumps(route)
