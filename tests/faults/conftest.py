"""A migrated database that real server processes share with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app, migration
from app.config import Settings
from app.extensions import db
from tests.factories import Factory
from tests.faults.load import CODE, Target
from tests.faults.server import RunningAuthPage

Serve = Callable[..., tuple[RunningAuthPage, Flask, Target]]


@pytest.fixture
def serve_at(tmp_path: Path) -> Iterator[Serve]:
    """Starts AuthPage on an empty database, with a tenant to load; stops it in the end."""
    with ExitStack() as stack:

        def start(
            url: str, *, workers: int = 2, **environment: str
        ) -> tuple[RunningAuthPage, Flask, Target]:
            given = {"DATABASE_URL": url, **environment}
            running = RunningAuthPage(tmp_path, given, workers=workers)
            app = create_app(Settings.from_environment(running.environment))
            with app.app_context():
                migration.upgrade()
                target = _target()
            running.start()
            stack.callback(running.stop)
            stack.enter_context(app.app_context())
            stack.callback(db.engine.dispose)
            return running, app, target

        yield start


@pytest.fixture
def serve(serve_at: Serve, empty_database_url: str) -> Serve:
    """Starts AuthPage on a new database of either kind."""
    return partial(serve_at, empty_database_url)


def _target() -> Target:
    make = Factory()
    make.default_tenant()
    generous: Any = dict.fromkeys(
        ("codes_per_address", "codes_per_network", "codes_per_client"), 1_000_000
    )
    tenant = make.tenant("test", codes={"fixed": CODE}, limits=generous)
    return Target(tenant, make.client(tenant, requires_pkce=False), make.user(tenant))
