"""Brings the database to the schema that this version of AuthPage needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.config import PROJECT
from app.database import EVERYWHERE, is_sqlite, write
from app.directory import installation
from app.extensions import db

_LOCK = 7_165_318_402
"""Key of the PostgreSQL advisory lock that lets one migration run at a time."""


def upgrade() -> str:
    """Run every migration that is still missing, in one transaction; returns the revision reached.

    Safe to run twice and from several processes at once. Raises `installation.WrongRootKey` when
    the database was made with other root keys than this process has.
    """
    with _connection() as connection:
        if not is_sqlite():
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        command.upgrade(_config(connection), "head")
    with write(EVERYWHERE) as session:
        installation.prepare(session)
    return newest()


def current() -> str | None:
    """The revision that the database is at; None before the first migration."""
    with _connection() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of AuthPage needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def known() -> frozenset[str]:
    """Every revision that this version of AuthPage has a migration for."""
    return frozenset(
        each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    return config


@contextmanager
def _connection() -> Iterator[Connection]:
    with db.engine.connect() as connection:
        options = connection.execution_options(authpage_migration=True)
        with _without_foreign_keys(options), options.begin():
            yield options


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which foreign keys must not notice; the pragma
    works only outside of a transaction, so it goes around SQLAlchemy's."""
    if not is_sqlite():
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
