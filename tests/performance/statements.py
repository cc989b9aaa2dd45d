"""Counts what the database is asked while something runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.extensions import db


@dataclass
class Asked:
    """The statements that ran, and how many transactions were committed."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def count(self) -> int:
        """How many statements."""
        return len(self.statements)

    def __str__(self) -> str:
        listed = "\n".join(f"  {' '.join(each.split())[:110]}" for each in self.statements)
        return f"{self.count} statements, {self.commits} commits:\n{listed}"


@contextmanager
def asked(app: Flask) -> Iterator[Asked]:
    """What the database of `app` is asked inside the block."""
    with app.app_context():
        engine = db.engine
    found = Asked()

    def executed(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.statements.append(statement)

    def committed(_connection: Any) -> None:
        found.commits += 1

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committed)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", executed)
        event.remove(engine, "commit", committed)
