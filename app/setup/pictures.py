"""Small drawings of what one meets at a provider, made of its own words: no copies of its pages.

They show where each of our values goes, and where what must be entered here is found.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Line:
    """One line of a drawing: what stands on the provider's own pages, in English as there."""

    label: str
    ours: str = ""
    """Which of our values goes there."""
    theirs: str = ""
    """Which field here takes what is found there."""
    value: str = ""
    """What to choose or to type there."""


@dataclass(frozen=True)
class Picture:
    """A window drawn by us.

    `menu` draws a list, one line of it marked, and the button that comes next; `form` fields with
    what goes in and what comes out; `people` rows with a tick.
    """

    kind: Literal["menu", "form", "people"]
    lines: tuple[Line, ...]
    marked: int = 0
    button: str = ""


def menu(*labels: str, marked: int, button: str = "") -> Picture:
    """The provider's menu, and the button that comes next."""
    return Picture("menu", tuple(map(Line, labels)), marked, button)


def form(*lines: Line) -> Picture:
    """Fields of a form."""
    return Picture("form", lines)


def people(*labels: str) -> Picture:
    """Who may use the application."""
    return Picture("people", tuple(map(Line, labels)))


def ours(label: str, name: str) -> Line:
    """A field that takes a value of ours."""
    return Line(label, ours=name)


def theirs(label: str, field: str) -> Line:
    """Something to be copied to a field here."""
    return Line(label, theirs=field)


def chosen(label: str, value: str) -> Line:
    """Something to be chosen or typed there."""
    return Line(label, value=value)
