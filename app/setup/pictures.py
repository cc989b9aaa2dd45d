"""Small drawings of what one meets at a provider, made of its own words: no copies of its pages."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Picture:
    """A window drawn by us; `marked` of its lines is the one to look at.

    `menu` draws a list beside a page with a button, `form` fields with a value each, `people` rows
    with a tick. The lines are what stands on the provider's own pages, in English as there.
    """

    kind: Literal["menu", "form", "people"]
    lines: tuple[str, ...]
    marked: int = 0
    button: str = ""


def menu(*lines: str, marked: int, button: str = "") -> Picture:
    """The provider's menu, and the button that comes next."""
    return Picture("menu", lines, marked, button)


def form(*lines: str, marked: int) -> Picture:
    """Fields of a form, one of them marked."""
    return Picture("form", lines, marked)


def people(*lines: str) -> Picture:
    """Who may use the application."""
    return Picture("people", lines)
