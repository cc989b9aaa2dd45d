"""Fixtures for databases, Redis and the browser.

Servers start at the first test that asks for one. With xdist the controller starts them once,
before its workers, and hands the ports down, so that all workers share one server of each kind.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, sync_playwright

from tests.services.chromium import ARGUMENTS, find_chromium
from tests.services.migrated import migrate
from tests.services.postgresql import Databases, PostgreSQL
from tests.services.process import LOOPBACK
from tests.services.redis_server import Redis

KINDS = ("sqlite", "postgresql")


class Services:
    """The servers that this pytest process has started itself."""

    def __init__(self) -> None:
        self._postgresql: PostgreSQL | None = None
        self._redis: Redis | None = None

    def postgresql_port(self) -> int:
        if self._postgresql is None:
            self._postgresql = PostgreSQL()
        return self._postgresql.port

    def redis_port(self) -> int:
        if self._redis is None:
            self._redis = Redis()
        return self._redis.port

    def stop(self) -> None:
        for server in (self._postgresql, self._redis):
            if server is not None:
                server.stop()


SERVICES = pytest.StashKey[Services]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=(*KINDS, "both"),
        default="both",
        help="which database the tests that need one run on (default: both)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVICES] = Services()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVICES].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by xdist in the controller, once for each worker, before the worker starts."""
    services = node.config.stash[SERVICES]
    node.workerinput["redis_port"] = services.redis_port()
    if "postgresql" in _chosen_kinds(node.config):
        node.workerinput["postgresql_port"] = services.postgresql_port()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        kinds = _chosen_kinds(metafunc.config)
        if metafunc.definition.get_closest_marker("one_database"):
            kinds = kinds[:1]
        metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


def _chosen_kinds(config: pytest.Config) -> tuple[str, ...]:
    chosen: str = config.getoption("--database")
    return KINDS if chosen == "both" else (chosen,)


def _postgresql_port(config: pytest.Config) -> int:
    port: int | None = getattr(config, "workerinput", {}).get("postgresql_port")
    return config.stash[SERVICES].postgresql_port() if port is None else port


def _redis_port(config: pytest.Config) -> int:
    port: int | None = getattr(config, "workerinput", {}).get("redis_port")
    return config.stash[SERVICES].redis_port() if port is None else port


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """The xdist worker that this is, such as gw0; `main` without xdist."""
    name: str = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return name


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`; whoever uses it runs once on each that --database chose."""
    kind: str = request.param
    return kind


class DatabaseMaker:
    """Makes databases of one kind for one test process."""

    def __init__(self, folder: Path, databases: Databases | None) -> None:
        self._folder = folder
        self._databases = databases
        self._made: list[str] = []
        self._migrated: str | None = None

    def create(self) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        if self._databases is None:
            return self._new_file()
        name, url = self._databases.create()
        self._made.append(name)
        return url

    def create_migrated(self) -> str:
        """The SQLAlchemy URL of a new database with every table and no row. Migrations run once in
        a process; what they made is copied."""
        if self._migrated is None:
            url = self.create()
            migrate(url, self._folder)
            self._migrated = self._made[-1]
        if self._databases is None:
            url = self._new_file()
            shutil.copyfile(self._folder / self._migrated, self._folder / self._made[-1])
            return url
        name, url = self._databases.create(like=self._migrated)
        self._made.append(name)
        return url

    def _new_file(self) -> str:
        self._made.append(f"authpage_{len(self._made) + 1}.sqlite3")
        return f"sqlite:///{self._folder / self._made[-1]}"

    def drop_all(self) -> None:
        if self._databases is not None:
            for name in self._made:
                self._databases.drop(name)


@pytest.fixture(scope="session")
def database_maker(
    request: pytest.FixtureRequest,
    database_kind: str,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[DatabaseMaker]:
    databases = None
    if database_kind == "postgresql":
        databases = Databases(_postgresql_port(request.config), worker_name)
    maker = DatabaseMaker(tmp_path_factory.mktemp("database"), databases)
    yield maker
    maker.drop_all()


@pytest.fixture(scope="session")
def database_url(database_maker: DatabaseMaker) -> str:
    """The SQLAlchemy URL of this process's database, empty when the first test gets it."""
    return database_maker.create()


@pytest.fixture
def empty_database_url(database_maker: DatabaseMaker) -> str:
    """The SQLAlchemy URL of a database of this test's own, without tables."""
    return database_maker.create()


@pytest.fixture
def migrated_database_url(database_maker: DatabaseMaker) -> str:
    """The SQLAlchemy URL of a database of this test's own, with tables and without rows."""
    return database_maker.create_migrated()


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest, worker_name: str) -> str:
    """The URL of a Redis database of this process's own, emptied first."""
    number = 0 if worker_name == "main" else int(worker_name.removeprefix("gw"))
    url = f"redis://{LOOPBACK}:{_redis_port(request.config)}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The program of the installed Chromium."""
    return find_chromium()


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """A headless Chromium for the whole run; each test opens a context of its own in it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=list(ARGUMENTS), headless=True
        )
        yield chromium
        chromium.close()
