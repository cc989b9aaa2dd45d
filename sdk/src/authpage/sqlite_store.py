"""Sessions in an SQLite file, for an app of several processes on one machine."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from authpage.client import TokenSet
from authpage.sessions import Session

_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    body TEXT NOT NULL,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
)
"""


class SqliteSessionStore:
    """Keeps sessions in one file, readable by its owner alone: it holds tokens."""

    def __init__(self, path: str | Path, clock: Callable[[], float] = time.time) -> None:
        """Open the file, and make it when it is not there."""
        self._path = Path(path)
        self._clock = clock
        self._path.touch(mode=0o600)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)

    def load(self, key: str) -> Session | None:
        """See SessionStore."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT version, expires_at, body FROM session WHERE key = ? AND expires_at > ?",
                (key, self._clock()),
            ).fetchone()
        return _session(*row) if row else None

    def insert(self, key: str, session: Session) -> None:
        """See SessionStore."""
        with self._connection() as connection:
            connection.execute("DELETE FROM session WHERE expires_at <= ?", (self._clock(),))
            connection.execute(
                "INSERT INTO session (key, version, expires_at, body) VALUES (?, ?, ?, ?)",
                (key, session.version, session.expires_at, _body(session)),
            )

    def replace(self, key: str, session: Session) -> bool:
        """See SessionStore."""
        with self._connection() as connection:
            changed = connection.execute(
                "UPDATE session SET version = ?, body = ? WHERE key = ? AND version = ?",
                (session.version, _body(session), key, session.version - 1),
            )
            return changed.rowcount == 1

    def delete(self, key: str) -> None:
        """See SessionStore."""
        with self._connection() as connection:
            connection.execute("DELETE FROM session WHERE key = ?", (key,))

    def claim_refresh(self, key: str, owner: str, seconds: float) -> bool:
        """See SessionStore."""
        now = self._clock()
        with self._connection() as connection:
            changed = connection.execute(
                "UPDATE session SET lease_owner = ?, lease_until = ?"
                " WHERE key = ? AND (lease_until <= ? OR lease_owner = ?)",
                (owner, now + seconds, key, now, owner),
            )
            return changed.rowcount == 1

    def release_refresh(self, key: str, owner: str) -> None:
        """See SessionStore."""
        with self._connection() as connection:
            connection.execute(
                "UPDATE session SET lease_owner = NULL, lease_until = 0"
                " WHERE key = ? AND lease_owner = ?",
                (key, owner),
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each call; every statement commits by itself."""
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()


def _body(session: Session) -> str:
    return json.dumps({"tokens": asdict(session.tokens), "profile": session.profile})


def _session(version: int, expires_at: float, body: str) -> Session:
    content = json.loads(body)
    return Session(TokenSet(**content["tokens"]), content["profile"], expires_at, version)
