"""Sessions that say what they want, and a guard that refuses any statement without its tenant.

`read` runs in autocommit and cannot flush; `write` is one transaction, begun IMMEDIATE on SQLite
under one writer lock per process. The guard refuses instead of rewriting, because rewriting misses
text, Core statements, bulk updates and foreign inserts.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.pool import ConnectionPoolEntry

from app import tenant_guard
from app.extensions import db

Session = OrmSession
EVERYWHERE = "*"
"""The tenant of a session across tenants, where only named statements may touch their rows."""

_SQLITE_BUSY_SECONDS = 5
_writer = threading.Lock()
_here = threading.local()


class ReadOnly(RuntimeError):
    """A session of `read` was asked to flush changes."""


class ReadingSession(OrmSession):
    """A session that can write nothing."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Raises `ReadOnly` when there is anything to flush."""
        if self.new or self.dirty or self.deleted:
            raise ReadOnly


class TransactionOpen(RuntimeError):
    """A transaction is open where none may be: around another one, a hash or a network call."""


def named(sql: str, *, everywhere: bool = False) -> TextClause:
    """A statement by text for a module named `statements`; it must bind `:tenant_id` unless it is
    meant for every tenant. Raises `TenantMissing` at import."""
    return tenant_guard.named(sql, everywhere=everywhere)


@contextmanager
def read(tenant_id: str) -> Iterator[Session]:
    """A session in autocommit that sees committed rows of one tenant and refuses to flush."""
    with _connection(tenant_id, writes=False) as connection:
        session = ReadingSession(
            bind=connection, expire_on_commit=False, autoflush=False, info={"tenant_id": tenant_id}
        )
        try:
            yield session
        finally:
            session.close()


@contextmanager
def write(tenant_id: str) -> Iterator[Session]:
    """A session in one transaction for one tenant: commits at the end, rolls back on any exception.

    Raises `TransactionOpen` inside another `write` of the same thread.
    """
    refuse_open_transaction()
    with _writer_lock(), _connection(tenant_id, writes=True) as connection:
        _here.writing = True
        session = OrmSession(bind=connection, expire_on_commit=False, info={"tenant_id": tenant_id})
        try:
            with connection.begin():
                yield session
                session.flush()
        finally:
            _here.writing = False
            session.close()


def tenant_of(session: Session) -> str:
    """The id of the tenant that `session` was opened for."""
    tenant_id: str = session.info["tenant_id"]
    return tenant_id


def note_flow(session: Session, flow_id: str) -> None:
    """Say which flow causes what `session` writes, so that it can be explained later."""
    session.info["flow_id"] = flow_id


def flow_of(session: Session) -> str | None:
    """The id that `note_flow` was given; None outside flows."""
    flow_id: str | None = session.info.get("flow_id")
    return flow_id


def refuse_open_transaction() -> None:
    """Raise `TransactionOpen` inside `write`; called before a hash or network call."""
    if is_writing():
        raise TransactionOpen


def is_writing() -> bool:
    """Whether this thread is inside `write`."""
    return getattr(_here, "writing", False)


def bind(app: Flask, url: str, pool: int) -> None:
    """Configure the engine of `app` for `url`; connections open at first use, so after any fork."""
    parsed = make_url(url)
    app.config["SQLALCHEMY_DATABASE_URI"] = parsed
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(parsed, pool)
    db.init_app(app)
    with app.app_context():
        _listen(db.engine)


def is_sqlite() -> bool:
    """Whether the current application's database is SQLite."""
    return db.engine.dialect.name == "sqlite"


def _engine_options(url: URL, pool: int) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        connect_args = {"timeout": _SQLITE_BUSY_SECONDS, "check_same_thread": False}
        return {"connect_args": connect_args, "hide_parameters": True}
    options = "-c statement_timeout=2500 -c lock_timeout=2500 -c timezone=UTC"
    return {
        "pool_size": pool,
        "max_overflow": 0,
        "pool_timeout": 2,
        "pool_pre_ping": False,
        "hide_parameters": True,  # They hold what people sent, and errors would quote them.
        "connect_args": {"options": options, "prepare_threshold": 1, "connect_timeout": 5},
    }


def _listen(engine: Engine) -> None:
    event.listen(engine, "before_execute", _guard)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # The driver begins nothing by itself; `_begin_sqlite` does.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("authpage_writes", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _connection(tenant_id: str, *, writes: bool) -> Iterator[Connection]:
    engine = db.engine
    options: dict[str, Any] = {"authpage_tenant": tenant_id, "authpage_writes": writes}
    if not writes and engine.dialect.name != "sqlite":
        options["isolation_level"] = "AUTOCOMMIT"
    with engine.connect() as connection:
        yield connection.execution_options(**options)


@contextmanager
def _writer_lock() -> Iterator[None]:
    if is_sqlite():
        with _writer:
            yield
    else:
        yield


def _guard(
    connection: Connection,
    statement: Any,
    multiparams: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    execution_options: Mapping[str, Any],
) -> None:
    options = {**connection.get_execution_options(), **execution_options}
    if options.get("authpage_migration"):
        return
    rows = list(multiparams) if multiparams else [params]
    tenant_guard.check(statement, rows, options.get("authpage_tenant"), EVERYWHERE)


def ping(session: Session) -> None:
    """Ask the database for a sign of life; raises SQLAlchemy's error when there is none."""
    session.execute(_PING)


_PING = named("SELECT 1", everywhere=True)
