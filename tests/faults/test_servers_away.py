"""G4, G6, H05, Z04, Z05, Z15: PostgreSQL restarts, Redis is gone or slow, and nobody is let in."""

import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_limiter import Limiter

from app import create_app, extensions, migration
from app.config import Settings
from app.extensions import db
from tests.conftest import Client
from tests.factories import PASSWORD, Factory
from tests.faults.client import LOST, Caller
from tests.faults.conftest import Serve
from tests.faults.load import Load, demand_nothing_lost
from tests.races.crowd import Comparisons, at_once
from tests.security.doors import with_changes
from tests.services.plugin import DatabaseMaker
from tests.services.postgresql import Databases, PostgreSQL, server_url
from tests.services.process import LOOPBACK, free_port
from tests.visitors import HtmlVisitor, JsonVisitor


class Mute:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@pytest.fixture(params=["nobody listens", "nobody answers"])
def dead_redis(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a Redis that is gone, or hangs."""
    if request.param == "nobody listens":
        yield f"redis://{LOOPBACK}:{free_port()}/0"
        return
    mute = Mute()
    yield f"redis://{LOOPBACK}:{mute.port}/0"
    mute.close()


@pytest.fixture
def app_without_redis(
    settings: Settings,
    database_maker: DatabaseMaker,
    dead_redis: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The application whose Redis cannot be reached, and with a coarse limit of its own."""
    # The extension takes its limits from the first application of a process.
    fresh = Limiter(extensions.limiter._key_func)
    monkeypatch.setattr(extensions, "limiter", fresh)
    changed = with_changes(
        settings,
        redis_url=dead_redis,
        coarse_limit="100 per minute",
        database_url=database_maker.create(),
        database_pool=30,
    )
    app = create_app(changed)
    app.test_client_class = Client
    with app.app_context():
        migration.upgrade()
        Factory().default_tenant()
        yield app
        db.engine.dispose()


def test_h05_without_redis_people_sign_in(app_without_redis: Flask) -> None:
    make = Factory()
    tenant = make.tenant()
    user = make.user(tenant)
    page = HtmlVisitor(app_without_redis, make.client(tenant))
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.answer is not None


def test_h05_without_redis_the_coarse_limit_holds_in_each_process(app_without_redis: Flask) -> None:
    client = app_without_redis.test_client()
    statuses = Counter(client.get("http://localhost:8000/sign-in").status_code for _ in range(105))
    assert statuses == {303: 100, 429: 5}


def test_g6_without_redis_guesses_are_still_counted(
    app_without_redis: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Factory()
    tenant = make.tenant(methods={"sign_in": ["email_code"], "sign_up": []})
    user, client = make.user(tenant), make.client(tenant)
    visitor = JsonVisitor(app_without_redis, client)
    visitor.open()
    visitor.submit(email=user.email)
    compared = Comparisons(monkeypatch)

    def guess(_number: int) -> int:
        twin = JsonVisitor(app_without_redis, client)
        twin.flow_id, twin.token = visitor.flow_id, visitor.token
        return twin.post(code="000000").status_code

    assert set(at_once(app_without_redis, guess, 30)) <= {422, 429}
    assert compared.count == 5


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL that the test may stop."""
    server = PostgreSQL(survives_crashes=True)
    yield server
    server.stop()


def _own_database(server: PostgreSQL) -> str:
    name, _ = Databases(server.port, "own").create()
    return server_url(server.port, name)


def _restart(server: PostgreSQL, how: signal.Signals) -> None:
    """End it (SIGINT: fast, SIGQUIT: as in a crash) and start it again at the same port."""
    server.server.process.send_signal(how)
    server.server.process.wait(60)
    server.start_again()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
def test_g4_a_postgresql_that_restarts_loses_nothing(
    serve_at: Serve, own_postgresql: PostgreSQL, how: signal.Signals
) -> None:
    running, app, target = serve_at(_own_database(own_postgresql))
    load = Load(app, running.port, target)
    load.start()
    try:
        for _ in range(5):
            load.wait_for(20)
            _restart(own_postgresql, how)
            load.wait_for(1)
    finally:
        ledger = load.stop()
    assert set(ledger.statuses) <= {200, 201, 400, 404, 409, 422, 503}
    demand_nothing_lost(ledger, target)


def test_z04_postgresql_that_is_away_is_503_with_retry_after(
    serve_at: Serve, own_postgresql: PostgreSQL
) -> None:
    running, _, target = serve_at(_own_database(own_postgresql))
    caller = Caller(running.port)
    assert caller.get(f"{target.path}/oauth2/jwks").status == 200
    own_postgresql.server.stop()
    for path in ("/sign-in", "/account", "/oauth2/jwks"):
        reply = caller.get(target.path + path)
        assert reply.status in (200, 303, 503), (path, reply)
    # A client that nobody has looked up yet, so that no cache can answer.
    asked = {"grant_type": "refresh_token", "client_id": "cli_nobody", "refresh_token": "x"}
    reply = caller.form(f"{target.path}/oauth2/token", **asked)
    assert reply.status == 503
    assert int(reply.retry_after or 0) > 0
    assert caller.get("/healthz").status == 200
    assert caller.get("/readyz").status == 503
    own_postgresql.start_again()
    assert _until(lambda: caller.get("/readyz").status == 200)
    assert caller.form(f"{target.path}/oauth2/token", grant_type="x").status in (400, 401)


def test_z17_a_sqlite_file_that_somebody_keeps_locked_can_still_be_read(
    serve_at: Serve, tmp_path: Path
) -> None:
    """Writers wait, then give up with 503."""
    running, _, target = serve_at(f"sqlite:///{tmp_path / 'held.sqlite3'}", workers=1)
    caller = Caller(running.port)
    database = running.environment["DATABASE_URL"].removeprefix("sqlite:///")
    holder = subprocess.Popen(
        [
            "/usr/bin/env",
            "python3",
            "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1], isolation_level=None);"
            "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()",
            database,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        assert caller.get(f"{target.path}/oauth2/jwks").status == 200
        body = {"authorize": {"client_id": target.client.id}}
        reply = caller.json(f"{target.path}/headless/v1/flows", body)
        assert reply.status == 400, "What needs no write is answered."
        flow = {
            "authorize": {
                "client_id": target.client.id,
                "redirect_uri": "https://app.example/callback",
                "response_type": "code",
                "scope": "openid",
            }
        }
        reply = caller.json(f"{target.path}/headless/v1/flows", flow)
        assert reply.status == 503
        assert int(reply.retry_after or 0) > 0
    finally:
        holder.communicate("")
    assert caller.json(f"{target.path}/headless/v1/flows", flow).status == 201


def _until(ready: Callable[[], bool]) -> bool:
    """Whether it is ready within a few hundred looks."""
    pause = threading.Event()
    return any(ready() or pause.wait(0.05) for _ in range(400))


def test_z20_a_server_that_is_asked_to_end_finishes_what_it_has_begun(serve: Serve) -> None:
    running, app, target = serve(workers=1)
    load = Load(app, running.port, target)
    load.start()
    load.wait_for(20)
    running.terminate()
    assert running.stop() == 0
    cut_off = [status for status in load.ledger.statuses if status >= 500]
    ledger = load.stop()
    assert cut_off == []
    assert LOST in ledger.statuses, "It took no more connections."
    demand_nothing_lost(ledger, target)
