"""Health, readiness and figures: for machines, on every host, with nothing to give away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, migration
from app.config import Settings
from app.extensions import db


@pytest.fixture
def empty_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without tables."""
    settings = {"environment": "test", "database_url": empty_database_url, "data_dir": tmp_path}
    app = create_app(Settings.model_validate(settings).completed())
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def away_app(tmp_path: Path) -> Iterator[Flask]:
    """The application with a database that cannot be reached."""
    settings = {
        "environment": "test",
        "database_url": f"sqlite:///{tmp_path}/missing/authpage.sqlite3",
        "data_dir": tmp_path,
    }
    app = create_app(Settings.model_validate(settings).completed())
    yield app
    with app.app_context():
        db.engine.dispose()


def test_the_process_lives_without_a_database(away_app: Flask) -> None:
    client = away_app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["failing"]) == (503, "database")
    assert int(answer.headers["Retry-After"]) > 0


def test_pages_answer_503_without_a_database(away_app: Flask) -> None:
    answer = away_app.test_client().get("/sign-in", base_url="http://localhost:8000")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_ready_means_migrated(empty_app: Flask) -> None:
    client = empty_app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["failing"]) == (503, "migrations")
    with empty_app.app_context():
        migration.upgrade()
    assert client.get("/readyz").get_json() == {"status": "ok", "failing": None}


def test_health_answers_on_every_host(away_app: Flask) -> None:
    answer = away_app.test_client().get("/healthz", base_url="http://10.1.2.3:9")
    assert answer.status_code == 200


def test_figures_count_requests_by_route(away_app: Flask) -> None:
    client = away_app.test_client()
    client.get("/healthz?code=never-to-be-seen")
    text = client.get("/metrics").text
    assert 'authpage_requests_total{method="GET",route="/healthz",status="200"}' in text
    assert "never-to-be-seen" not in text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.0.0.7", {}, 200),
        ("8.8.8.8", {}, 404),
        ("10.0.0.7", {"X-Forwarded-For": "8.8.8.8"}, 404),
        ("10.0.0.7", {"Forwarded": "for=8.8.8.8"}, 404),
        ("", {}, 404),
    ],
)
def test_figures_are_for_private_networks(
    away_app: Flask, address: str, headers: dict[str, str], status: int
) -> None:
    environ = {"REMOTE_ADDR": address}
    answer = away_app.test_client().get("/metrics", headers=headers, environ_base=environ)
    assert answer.status_code == status
