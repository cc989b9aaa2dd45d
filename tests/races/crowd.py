"""Many threads that do the same thing at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import QueuePool, event

from app.extensions import db
from app.single_use import OneTimeRow

MANY = 200
SOME = 50
"""For whole requests, which take the interpreter most of their time."""

Result = TypeVar("Result")


def at_once(app: Flask, work: Callable[[int], Result], tries: int = MANY) -> list[Result]:
    """What `work` returned for each number below `tries`, all of them let go together.

    Each runs in a thread and an application context of its own; the first exception is raised.
    """
    _be_patient(app)
    gate = threading.Barrier(tries)

    def run(number: int) -> Result:
        with app.app_context():
            gate.wait()
            return work(number)

    with ThreadPoolExecutor(tries) as pool:
        return list(pool.map(run, range(tries)))


def _be_patient(app: Flask) -> None:
    """Let the crowd wait for connections and locks as long as a slow machine takes: who comes first
    is what is tried here, not how long the last one stands in line."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "postgresql" or event.contains(engine, "connect", _wait_longer):
        return
    event.listen(engine, "connect", _wait_longer)
    engine.dispose()
    assert isinstance(engine.pool, QueuePool)
    engine.pool._timeout = 300


def _wait_longer(connection: Any, _record: object) -> None:
    connection.execute("SET lock_timeout = '300s'")
    connection.execute("SET statement_timeout = '300s'")
    connection.commit()


class Comparisons:
    """How often a presented secret was compared with an issued one, in whatever thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._lock = threading.Lock()
        self.count = 0
        compare = OneTimeRow.is_secret

        def counted(row: OneTimeRow, secret: str) -> bool:
            with self._lock:
                self.count += 1
            return compare(row, secret)

        monkeypatch.setattr(OneTimeRow, "is_secret", counted)
