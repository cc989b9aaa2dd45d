"""Every connection that this process opens, by its target and whether the guard opened it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any


@dataclass
class Opened:
    """What was opened while somebody watched."""

    targets: list[tuple[str, int]] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)
    """The files that opened a connection past `app.outgoing`."""
    looked_up: list[str] = field(default_factory=list)
    """Host names that were resolved by the system."""


_watching: list[Opened] = []


@contextmanager
def watched() -> Iterator[Opened]:
    """Watch every connection of every thread, at the interpreter's own audit events."""
    opened = Opened()
    _watching.append(opened)
    try:
        yield opened
    finally:
        _watching.remove(opened)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "socket.connect":
        frame: FrameType | None = sys._getframe()
        files = [each.f_code.co_filename for each in _stack(frame)]
        is_guarded = any(name.endswith("app/outgoing.py") for name in files)
        for opened in _watching:
            opened.targets.append(tuple(arguments[1][:2]))
            if not is_guarded:
                opened.unguarded.append(files[1])
    elif event == "socket.getaddrinfo":
        for opened in _watching:
            opened.looked_up.append(str(arguments[0]))


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


sys.addaudithook(_hear)  # For good: a hook cannot be taken away, but it may say nothing.
