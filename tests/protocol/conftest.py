"""The application of the protocol tests, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import clock, create_app, migration
from app.config import Settings
from app.extensions import db
from tests.protocol.provider import Provider


@pytest.fixture(scope="session")
def application(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on this process's database, migrated."""
    folder: Path = tmp_path_factory.mktemp("data")
    settings = Settings.from_environment(
        {
            "ENVIRONMENT": "test",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "DATABASE_POOL": "16",
            "COARSE_LIMIT": "1000000 per minute",
            "LOG_LEVEL": "error",
        }
    )
    app = create_app(settings)
    with app.app_context():
        migration.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def provider(application: Flask) -> Iterator[Provider]:
    """A fresh tenant; the clock is put back afterwards."""
    yield Provider(application)
    clock.put_back()
