"""The log, and an application behind https beside the usual one, for what depends on the scheme."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app, log, migration
from app.config import Settings
from app.extensions import db
from tests.conftest import Client
from tests.factories import Factory
from tests.security.doors import with_changes
from tests.security.lines import Lines
from tests.services.plugin import DatabaseMaker


@pytest.fixture(scope="session")
def secure_app(settings: Settings, database_maker: DatabaseMaker) -> Iterator[Flask]:
    """The application as it runs behind https, on a database of its own."""
    changed = with_changes(
        settings, base_url="https://localhost", database_url=database_maker.create()
    )
    app = create_app(changed)
    app.test_client_class = Client
    with app.app_context():
        migration.upgrade()
        Factory().default_tenant()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def secure_make(secure_app: Flask) -> Iterator[Factory]:
    """Makes what tests need in the application behind https."""
    with secure_app.app_context():
        yield Factory()


@pytest.fixture
def lines(app: Flask) -> Iterator[Lines]:
    """Everything that is logged, at the most talkative level."""
    settings, stream = app.config["AUTHPAGE"], Lines()
    log.configure(with_changes(settings, log_level="debug"), stream)
    yield stream
    log.configure(settings)
