"""The servers and the browser that the other tests stand on."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from tests.services.process import MissingTool, find_tool


def test_a_database_of_the_chosen_kind_holds_rows(database_kind: str, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE service_check (word TEXT)"))
        connection.execute(text("INSERT INTO service_check VALUES ('kept')"))
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT word FROM service_check")) == "kept"
        connection.execute(text("DROP TABLE service_check"))
    engine.dispose()
    assert engine.dialect.name == database_kind


def test_an_empty_database_is_another_one(database_url: str, empty_database_url: str) -> None:
    assert empty_database_url != database_url
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE service_check (word TEXT)"))
    engine.dispose()


def test_redis_counts(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.delete("service_check")
        assert [client.incr("service_check"), client.incr("service_check")] == [1, 2]


def test_chromium_shows_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Sign in</h1>")
    assert page.get_by_role("heading").inner_text() == "Sign in"
    page.close()


def test_a_missing_tool_fails_and_says_what_to_install() -> None:
    with pytest.raises(MissingTool, match="install the Debian package no-such-package"):
        find_tool("no-such-program", package="no-such-package")


KILLED_RUN = """
import os, signal
from tests.services.postgresql import PostgreSQL
from tests.services.redis_server import Redis
started = {name}()
print(started.server.process.pid, started.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("name", ["PostgreSQL", "Redis"])
def test_a_killed_test_run_takes_its_servers_with_it(name: str) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED_RUN.format(name=name)]
    killed = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    pid, folder = killed.stdout.split()
    ended = _ends(int(pid))
    shutil.rmtree(folder)
    assert ended, "The server outlived its test run: see Server in tests/services/process.py."


def _ends(pid: int) -> bool:
    """Whether the process ends while we look 500 times."""
    for _ in range(500):
        if not _is_alive(pid):
            return True
        time.sleep(0.02)
    return False


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
