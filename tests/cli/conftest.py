"""Runs commands as `authpage` does, against an application with a fresh database."""

import json
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock, create_app, migration
from app.cli import main
from app.config import Settings
from app.extensions import db


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The one line of JSON on standard error."""
        assert self.code == 1, self.out
        assert self.out == ""
        return json.loads(self.err)


class CommandLine:
    """`authpage`, in this process."""

    def __init__(self, app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
        self.app = app
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        """Run a command; what it prints is for people."""
        self._capsys.readouterr()
        # A command takes the application whose context is open; no test's may be.
        code = Context().run(main, arguments, self.app)
        printed = self._capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    def json(self, *arguments: str) -> Any:
        """Run a command that must succeed; its JSON document."""
        return self(*arguments, "--json").document


@pytest.fixture
def settings(migrated_database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {
            "ENVIRONMENT": "development",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": migrated_database_url,
            "LOG_LEVEL": "error",
            "ARGON2_MEMORY_KIB": "8",
            "ARGON2_ITERATIONS": "1",
        }
    )


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Makes an application of these settings, some of them changed; ends its connections."""
    started: list[Flask] = []

    def make(**changed: object) -> Flask:
        started.append(create_app(settings.model_copy(update=changed), pages=False))
        return started[-1]

    yield make
    for each in started:
        with each.app_context():
            db.engine.dispose()
    clock.put_back()


@pytest.fixture
def app(start: Callable[..., Flask]) -> Flask:
    """The application, its database migrated."""
    made = start()
    with made.app_context():
        migration.upgrade()
    return made


@pytest.fixture
def authpage(app: Flask, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line over an empty, migrated database."""
    return CommandLine(app, capsys)


@pytest.fixture
def acme(authpage: CommandLine) -> CommandLine:
    """The command line over a database with a default tenant."""
    authpage.json("tenant", "create", "--slug", "default", "--name", "Acme")
    return authpage
