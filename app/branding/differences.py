"""What differs between two revisions of a look, member by member."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.directory.brand_settings import Brand

NOT_SET = "not set"
"""Stands for a member that a level does not decide, which is another thing than one set to none."""


@dataclass(frozen=True)
class Difference:
    """One member that is not the same."""

    member: str
    before: Any
    after: Any
    locale: str | None = None
    """Of a heading."""


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What differs between two documents, in the order of the brand's members."""
    return [
        difference
        for member in Brand.model_fields
        for difference in _of(member, before.get(member, NOT_SET), after.get(member, NOT_SET))
    ]


def _of(member: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if member != "heading":
        yield Difference(member, before, after)
        return
    earlier, later = (each if isinstance(each, dict) else {} for each in (before, after))
    for locale in sorted({*earlier, *later}):
        pair = (earlier.get(locale, NOT_SET), later.get(locale, NOT_SET))
        if pair[0] != pair[1]:
            yield Difference(member, *pair, locale=locale)
