"""What every test can ask for: the application on each database, tenants, people at browsers."""

from collections.abc import Callable, Iterator
from contextvars import Context
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from app import clock, create_app, migration
from app.config import Settings
from app.extensions import db
from app.keys import key_pair
from tests.factories import Factory
from tests.inspection import inspect

if TYPE_CHECKING:  # Pytest wants to import its plugins itself.
    from tests.services.plugin import DatabaseMaker

pytest_plugins = ["tests.services.plugin"]


@cache
def _rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=False)


@pytest.fixture(scope="session", autouse=True)
def one_rsa_key() -> Iterator[None]:
    """Tenants of tests share one RSA key pair, under kids of their own: making one takes long."""
    generate = key_pair._generate

    def cheap(alg: Any, given: Any) -> Any:
        if alg != "RS256":
            return generate(alg, given)
        pair = _rsa_key().raw_value
        return RSAKey(pair, pair, given)

    patch = pytest.MonkeyPatch()
    patch.setattr(key_pair, "_generate", cheap)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, database_maker: "DatabaseMaker") -> Settings:
    """Settings for tests: the cheapest password hash, and no coarse limits in the way."""
    return Settings.from_environment(
        {
            "ENVIRONMENT": "test",
            "BASE_URL": "http://localhost:8000",
            "DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DATABASE_URL": database_maker.create(),
            "ARGON2_MEMORY_KIB": "64",
            "ARGON2_ITERATIONS": "1",
            "COARSE_LIMIT": "1000000 per minute",
            "LOG_LEVEL": "error",
        }
    )


class Client(FlaskClient):
    """A test client whose requests see nothing of the test's own application context, and which
    inspects every page that it gets."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        answer = Context().run(super().open, *arguments, **options)
        # The HTML part of a mail is no page of ours: mail programs need its style inline.
        is_mail = answer.request.path.endswith("/html")
        is_page = answer.mimetype == "text/html" and not 300 <= answer.status_code < 400
        if is_page and answer.data and not is_mail:
            inspect(answer.text)
        return answer


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application on a migrated database."""
    app = create_app(settings)
    app.test_client_class = Client
    with app.app_context():
        migration.upgrade()
        Factory().default_tenant()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests that call functions instead of URLs."""
    with app.app_context():
        yield


@pytest.fixture
def make(context: None) -> Factory:
    """Makes tenants, clients, users and organizations."""
    return Factory()


@pytest.fixture(autouse=True)
def clock_put_back() -> Iterator[None]:
    """Every test starts at the present."""
    yield
    clock.put_back()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A journey runs at both faces and on both databases, each face on one of them. The other two
    of the four are for `make test-slow`."""
    if config.getoption("--database") != "both":
        return
    for item in items:
        given = getattr(item, "callspec", None)
        chosen = given.params if given else {}
        if (chosen.get("visit"), chosen.get("database_kind")) in _FOR_LATER:
            item.add_marker(pytest.mark.slow)


_FOR_LATER = {("html", "postgresql"), ("json", "sqlite")}


@pytest.fixture(params=["html", "json"])
def visit(request: pytest.FixtureRequest, app: Flask, context: None) -> Callable[..., Any]:
    """Opens a flow for a client, as a person at the pages and as an application headless."""
    from tests.visitors import HtmlVisitor, JsonVisitor

    kind: Any = HtmlVisitor if request.param == "html" else JsonVisitor

    def open_flow(client: Any, **parameters: str) -> Any:
        visitor = kind(app, client)
        visitor.open(**parameters)
        return visitor

    return open_flow
