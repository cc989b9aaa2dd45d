"""An application with enough connections for a crowd."""

import pytest

from app.config import Settings
from app.federation import breaker
from tests.services.plugin import DatabaseMaker


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, database_maker: DatabaseMaker) -> Settings:
    """The settings of all tests, with a large pool: two hundred threads share it."""
    return Settings.from_environment(
        {
            "ENVIRONMENT": "test",
            "BASE_URL": "http://localhost:8000",
            "DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DATABASE_URL": database_maker.create(),
            "DATABASE_POOL": "60",
            "ARGON2_MEMORY_KIB": "64",
            "ARGON2_ITERATIONS": "1",
            "HASH_QUEUE": "1000",
            "COARSE_LIMIT": "1000000 per minute",
            "LOG_LEVEL": "error",
        }
    )


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a crowd wait for a provider: who comes first is tried here, not how long it takes."""
    monkeypatch.setattr(breaker, "PATIENCE", 300.0)
