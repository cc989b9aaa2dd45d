"""What an answer leads to; the renderers map it to HTML or JSON."""

from dataclasses import dataclass
from typing import Any

from app.flow.screen import Screen


@dataclass(frozen=True)
class Show:
    """Go on with this screen."""

    screen: Screen


@dataclass(frozen=True)
class Wrong:
    """The answer was refused; the screen says why and keeps what was typed."""

    screen: Screen
    code: str
    """The stable machine code of headless answers."""
    retry_after: int | None = None
    """Seconds, when a limit was reached."""


@dataclass(frozen=True)
class GoTo:
    """Leave for another place: a connection of this tenant, by path below its base URL."""

    path: str


@dataclass(frozen=True)
class Refuse:
    """The person said no, or may not: tell whoever started the flow (RFC 6749, section 4.1.2.1)."""

    error: str
    description: str


@dataclass(frozen=True)
class Finished:
    """Everything that was needed is known; `result` is what the completion returned."""

    result: Any


Outcome = Show | Wrong | GoTo | Refuse | Finished
