"""Pages of long lists: by key, not by offset, so that rows which come and go shift nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
Item = TypeVar("Item")

LARGEST = 200
"""Most items of one page."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items, newest first, and the cursor of the next page; None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None


def wanted(limit: int) -> int:
    """How many rows to read for a page of `limit`: one more tells whether another page follows."""
    return min(max(limit, 1), LARGEST) + 1


def page(
    rows: Sequence[Row], limit: int, *, item: Callable[[Row], Item], key: Callable[[Row], str]
) -> Page[Item]:
    """The page that `wanted(limit)` rows make; `key` gives the cursor of a row."""
    shown = rows[: wanted(limit) - 1]
    more = len(rows) > len(shown)
    return Page(tuple(item(row) for row in shown), key(shown[-1]) if more else None)
