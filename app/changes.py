"""One counter in the database says when anything that processes cache has changed.

Each process looks at the counter at most every half second, and at once after a change of its own,
so that a disabled client is gone everywhere within a second.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from flask import current_app

from app import clock
from app.database import EVERYWHERE, Session, is_writing, named, read

_LOOK_AFTER = 500
"""Milliseconds for which a process trusts the counter that it read."""
_AWAIT_FOR = 5_000
"""Milliseconds for which a process watches for its own change: longer than a transaction lives."""

_NOTE = named("UPDATE installation SET changes = changes + 1 RETURNING changes", everywhere=True)
_READ = named("SELECT changes FROM installation", everywhere=True)

Value = TypeVar("Value")


@dataclass
class _Seen:
    """What one application knows of the counter."""

    counter: int = -1
    looked_at: int = 0
    awaited: int = -1
    await_until: int = 0

    def is_fresh(self, now: int) -> bool:
        awaits = self.counter < self.awaited and now < self.await_until
        return not awaits and abs(now - self.looked_at) < _LOOK_AFTER


@dataclass
class _Entries:
    counter: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    values: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)


def note(session: Session) -> None:
    """Tell every process, once the caller's transaction commits, to forget what it has cached."""
    seen = _seen()
    seen.awaited = session.execute(_NOTE).scalar_one()
    seen.await_until = clock.now() + _AWAIT_FOR


def current() -> int:
    """The counter as this process last saw it; opens its own transaction to look again.

    Inside `write` what was last seen will do: whoever holds one connection and waits for another
    would stop everybody once the pool is empty.
    """
    seen = _seen()
    now = clock.now()
    if not is_writing() and not seen.is_fresh(now):
        with read(EVERYWHERE) as session:
            seen.counter = session.execute(_READ).scalar_one()
        seen.looked_at = now
    return seen.counter


class Cache(Generic[Value]):
    """At most `size` loaded values of one application, all forgotten when the counter moves."""

    def __init__(self, name: str, size: int) -> None:
        self._key = f"authpage_cache_{name}"
        self._size = size

    def get(self, key: Hashable, load: Callable[[], Value | None]) -> Value | None:
        """The value under `key`, loaded where it is not known. None is never remembered, so that
        guessed names cannot push real ones out."""
        counter = current()
        entries = self._entries(counter)
        with entries.lock:
            if key in entries.values:
                entries.values.move_to_end(key)
                return cast(Value, entries.values[key])
        value = load()
        if value is not None:
            with entries.lock:
                entries.values[key] = value
                if len(entries.values) > self._size:
                    entries.values.popitem(last=False)
        return value

    def _entries(self, counter: int) -> _Entries:
        entries: _Entries | None = current_app.extensions.get(self._key)
        if entries is None or entries.counter != counter:
            entries = _Entries(counter)
            current_app.extensions[self._key] = entries
        return entries


def _seen() -> _Seen:
    seen: _Seen = current_app.extensions.setdefault("authpage_changes", _Seen())
    return seen
