"""P11, Z10: many connections write to SQLite at once, and nobody hears that it is locked."""

import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from tests.factories import PASSWORD, Factory
from tests.faults.client import Caller
from tests.faults.conftest import Serve
from tests.faults.load import Load, demand_nothing_lost
from tests.races.crowd import at_once
from tests.visitors import HtmlVisitor

CONNECTIONS = 16


def _hammer(serve_at: Serve, folder: Path, requests: int) -> None:
    """Two server processes, and this one, on one file."""
    running, app, target = serve_at(f"sqlite:///{folder / 'hammered.sqlite3'}", workers=2)
    load = Load(app, running.port, target)
    load.start(redeemers=CONNECTIONS - 4, newcomers=4)
    stop = threading.Event()
    reading = threading.Thread(target=_read, args=[Caller(running.port), target.path, stop])
    reading.start()
    try:
        while sum(load.ledger.statuses.values()) < requests:
            load.wait_for(10)
    finally:
        stop.set()
        reading.join()
        ledger = load.stop()
    assert ledger.statuses[503] == 0
    assert ledger.statuses[0] == 0
    assert "locked" not in running.log.read_text()
    demand_nothing_lost(ledger, target)


def _read(caller: Caller, path: str, stop: threading.Event) -> None:
    while not stop.is_set():
        caller.get(f"{path}/oauth2/jwks")
        caller.get(f"{path}/sign-in")


def test_z10_sqlite_is_never_locked(serve_at: Serve, tmp_path: Path) -> None:
    _hammer(serve_at, tmp_path, 2_000)


@pytest.mark.slow
def test_p11_sqlite_is_never_locked_in_a_hundred_thousand_requests(
    serve_at: Serve, tmp_path: Path
) -> None:
    _hammer(serve_at, tmp_path, 100_000)


def test_z10_a_crowd_in_one_process_waits_in_line(app: Flask, make: Factory) -> None:
    """Twenty threads sign in at once; the pool has half as many connections."""
    tenant = make.tenant(limits={"passwords_per_network": 1_000})
    client = make.client(tenant)
    users = [make.user(tenant) for _ in range(20)]
    failures: list[str] = []

    def failed(context: object) -> None:
        failures.append(str(getattr(context, "original_exception", context)))

    def sign_in(number: int) -> bool:
        page = HtmlVisitor(app, client)
        page.open()
        page.submit(email=users[number].email)
        page.submit(password=PASSWORD)
        return page.answer is not None

    event.listen(db.engine, "handle_error", failed)
    try:
        assert all(at_once(app, sign_in, len(users)))
    finally:
        event.remove(db.engine, "handle_error", failed)
    assert failures == []
