"""A running product, and people with browsers in front of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser

from tests.browser.person import Person
from tests.browser.portal import Portal, running
from tests.browser.receiver import Receiver, receiving
from tests.services.plugin import DatabaseMaker


class OpenBrowser(Protocol):
    """Gives somebody a browser in front of a portal; options are those of a Playwright context."""

    def __call__(self, portal: Portal, **options: Any) -> Person: ...


@pytest.fixture(scope="session")
def sqlite_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The product on SQLite, as `make run` starts it."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with running("", folder) as started:
        yield started


@pytest.fixture(scope="session")
def running_portal(
    request: pytest.FixtureRequest,
    database_kind: str,
    database_maker: DatabaseMaker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Portal]:
    """The product on the database of the test."""
    if database_kind == "sqlite":
        yield request.getfixturevalue("sqlite_portal")
        return
    with running(database_maker.create(), tmp_path_factory.mktemp("portal")) as started:
        yield started


@pytest.fixture
def portal(sqlite_portal: Portal) -> Iterator[Portal]:
    """The product, for what no database can change."""
    with sqlite_portal.database():
        yield sqlite_portal


@pytest.fixture
def any_portal(running_portal: Portal) -> Iterator[Portal]:
    """The product on each database, for the essential journeys."""
    with running_portal.database():
        yield running_portal


@pytest.fixture
def somebody(browser: Browser) -> Iterator[OpenBrowser]:
    """Opens browsers; at the end each must have seen nothing wrong."""
    opened: list[Person] = []

    def open_browser(portal: Portal, **options: Any) -> Person:
        opened.append(Person(browser, portal, **options))
        return opened[-1]

    yield open_browser
    for each in opened:
        each.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A client whose redirect URI is a small server of the test's own."""
    with receiving() as started:
        yield started
