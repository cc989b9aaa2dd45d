"""A PostgreSQL server of the tests' own, in a temporary folder, without durability."""

import os
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.process import LOOPBACK, Server, ServerFailed, find_tool, free_port

OWNER = "authpage"
UNPRIVILEGED = ("nobody", "nogroup")
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
}

KEEPING = {"synchronous_commit": "on"}
"""For tests that crash the server: what it has acknowledged is then in the log, if not on disk."""


def server_url(port: int, database: str) -> str:
    """The SQLAlchemy URL of a database on the server at that port."""
    return f"postgresql+psycopg://{OWNER}@{LOOPBACK}:{port}/{database}"


class PostgreSQL:
    """The server process and its folder."""

    def __init__(self, *, survives_crashes: bool = False) -> None:
        self._settings = SETTINGS | (KEEPING if survives_crashes else {})
        self.folder = Path(tempfile.mkdtemp(prefix="authpage-postgresql-"))
        try:
            self._data = self._make_data_folder()
            self.port, self.server = self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start_again(self) -> None:
        """Start at the same port, after the server has ended."""
        _, self.server = self._start(self.port)

    def stop(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_data_folder(self) -> Path:
        data = self.folder / "data"
        data.mkdir()
        if os.geteuid() == 0:
            self.folder.chmod(0o711)
            shutil.chown(data, *UNPRIVILEGED)
        command = [
            *self._as_server_user(),
            _binary("initdb"),
            *("--pgdata", data, "--username", OWNER, "--auth", "trust", "--no-sync"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"),
        ]
        made = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, cwd="/", check=False
        )
        if made.returncode != 0:
            raise ServerFailed(f"initdb:\n{made.stdout}{made.stderr}")
        return data

    def _start(self, port: int | None = None) -> tuple[int, Server]:
        port = port or free_port()
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        server = Server(
            [
                *self._as_server_user(),
                _binary("postgres"),
                "-D",
                self._data,
                *("-p", str(port), *settings),
            ],
            log=self.folder / "postgresql.log",
            stop_signal=signal.SIGINT,  # its "fast shutdown"
        )
        server.wait_until(lambda: _answers(port))
        return port, server

    def _as_server_user(self) -> list[str | Path]:
        """PostgreSQL refuses to run as root, so root lends it a user that owns nothing else."""
        if os.geteuid() != 0:
            return []
        user, group = UNPRIVILEGED
        return [
            find_tool("setpriv", package="util-linux"),
            f"--reuid={user}",
            f"--regid={group}",
            "--clear-groups",
            # The change of user clears the signal that Server has asked for.
            "--pdeathsig=INT",
        ]


class Databases:
    """Makes and drops databases of one test process on the shared server."""

    def __init__(self, port: int, worker: str) -> None:
        self._port = port
        self._worker = worker
        self._numbers = count(1)

    def create(self, like: str = "template1") -> tuple[str, str]:
        """Name and SQLAlchemy URL of a new database: empty, or as the one of that name is."""
        name = f"authpage_{self._worker}_{next(self._numbers)}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(create.format(sql.Identifier(name), sql.Identifier(like)))
        return name, server_url(self._port, name)

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(_address(self._port), autocommit=True) as connection:
            connection.execute(statement)


def _binary(name: str) -> Path:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    return find_tool(name, package="postgresql", folders=newest_first)


def _address(port: int) -> str:
    return f"host={LOOPBACK} port={port} user={OWNER} dbname=postgres connect_timeout=5"


def _answers(port: int) -> bool:
    try:
        psycopg.connect(_address(port)).close()
    except psycopg.OperationalError:
        return False
    return True
