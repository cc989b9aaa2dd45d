"""The migrations make what the models say, on both databases, and only once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from app import migration
from app.config import PROJECT, Settings
from app.database import EVERYWHERE, read
from app.directory import installation
from app.extensions import db
from app.models import Base
from tests.unit.directory.conftest import make_app


@contextmanager
def running(url: str, settings: Settings) -> Iterator[Flask]:
    app = make_app(url, settings)
    with app.app_context():
        yield app
        db.engine.dispose()


def test_the_numbers_of_migrations_follow_their_order() -> None:
    files = sorted(path.name for path in (PROJECT / "migrations" / "versions").glob("*.py"))
    for number, name in enumerate(files, start=1):
        written = (PROJECT / "migrations" / "versions" / name).read_text(encoding="utf-8")
        before = f'"{number - 1:04}"' if number > 1 else "None"
        assert name.startswith(f"{number:04}_")
        assert f'revision = "{number:04}"\ndown_revision = {before}\n' in written


def test_migrations_and_models_agree(empty_database_url: str, settings: Settings) -> None:
    with running(empty_database_url, settings):
        assert migration.current() is None
        assert migration.upgrade() == migration.newest()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection.execution_options(authpage_migration=True)
            )
            assert compare_metadata(context, Base.metadata) == []


def test_constraints_are_named_as_in_the_models(
    empty_database_url: str, settings: Settings
) -> None:
    with running(empty_database_url, settings):
        migration.upgrade()
        with db.engine.connect() as connection:
            found = inspect(connection.execution_options(authpage_migration=True))
            for table in Base.metadata.tables.values():
                names = {key["name"] for key in found.get_foreign_keys(table.name)}
                assert names == {key.name for key in table.foreign_key_constraints}


def test_upgrading_twice_changes_nothing(empty_database_url: str, settings: Settings) -> None:
    with running(empty_database_url, settings):
        migration.upgrade()
        migration.upgrade()
        assert migration.current() == migration.newest()
        with read(EVERYWHERE) as session:
            assert installation.epoch(session) == 0


def test_two_processes_may_upgrade_at_once(empty_database_url: str, settings: Settings) -> None:
    reached: list[str] = []

    def upgrade() -> None:
        with running(empty_database_url, settings):
            reached.append(migration.upgrade())

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with running(empty_database_url, settings):
        assert reached == [migration.newest()] * 3


def test_other_root_keys_are_noticed(
    empty_database_url: str, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(empty_database_url, settings):
        migration.upgrade()
    elsewhere = settings.model_copy(update={"data_dir": tmp_path_factory.mktemp("elsewhere")})
    with running(empty_database_url, elsewhere), pytest.raises(installation.WrongRootKey):
        migration.upgrade()
