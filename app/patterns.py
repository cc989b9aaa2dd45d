"""Regular expressions that tenants write, for texts that strangers type: only such as cannot run
long. Python's engine tries every way in which a pattern could match, so the ways are counted before
a pattern is taken.
"""

import re
from collections.abc import Iterable
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_MOST_WAYS = 1_000_000
_ATOMS = {ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN, ops.AT}
_REPEATS = {ops.MAX_REPEAT, ops.MIN_REPEAT}


class BadPattern(ValueError):
    """The pattern is none, or could take too long; the text says why, in a sentence."""


def check_pattern(pattern: str, max_length: int) -> None:
    """Raise `BadPattern` unless texts of at most `max_length` characters are matched quickly."""
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern("The pattern is no regular expression.") from error
    if _ways(parsed, max_length) > _MOST_WAYS:
        raise BadPattern("The pattern could take too long; repeat less in it, or less deeply.")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches a pattern that was checked for texts as long as this."""
    return re.fullmatch(pattern, text) is not None


def _ways(sequence: Iterable[Any], longest: int) -> int:
    """In how many ways a sequence could match at most; never told beyond what is too many."""
    product = 1
    for operation, argument in sequence:
        product = min(product * _ways_of(operation, argument, longest), _MOST_WAYS + 1)
    return product


def _ways_of(operation: Any, argument: Any, longest: int) -> int:
    if operation in _ATOMS:
        return 1
    if operation is ops.SUBPATTERN:
        return _ways(argument[3], longest)
    if operation is ops.BRANCH:
        return sum(_ways(each, longest) for each in argument[1])
    if operation in _REPEATS:
        least, most, body = argument
        return _ways_of_repeat(min(least, longest), min(most, longest), _ways(body, longest))
    raise BadPattern("The pattern may not look around, refer back or use other special groups.")


def _ways_of_repeat(least: int, most: int, inside: int) -> int:
    """The ways of every number of times: one way is `inside` to the power of that number."""
    if inside == 1:
        return most - least + 1
    total = 0
    for times in range(least, most + 1):
        total += inside ** min(times, 64)
        if total > _MOST_WAYS:
            break
    return total
