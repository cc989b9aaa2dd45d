"""Whose server keeps all others waiting, and so waits itself.

One worker talks to one server after another. A tenant names a server of its own, and one that takes
its time on purpose would cost everybody theirs: so its mails rest for longer than it took. What is
known of it lives as long as the worker.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from app import clock
from app.delivery.sender import Away

SLOW = 3.0
"""Seconds: what a message may take without being counted."""
PATIENCE = 10.0
"""Seconds that the slow messages of a route may take in one round."""
REST = 10
"""How many times as long it rests then, which leaves the others nine tenths of the time."""
_LONGEST_REST = 300.0

_rests: dict[str, int] = {}
"""Route -> until when it rests, in milliseconds."""


def resting(route: str) -> Away | None:
    """Why nothing is sent by this route now, and for how long; None when it may be used."""
    left = _rests.get(route, 0) - clock.now()
    if left > 0:
        return Away("others did not go out in time", -(-left // clock.SECOND))
    _rests.pop(route, None)
    return None


class Watch:
    """Looks at how long each route takes in one round."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def over(self, route: str) -> Iterator[None]:
        """Count what is done inside; the route rests once it took too long."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._count(route, time.monotonic() - began)

    def _count(self, route: str, seconds: float) -> None:
        if seconds < SLOW:
            return
        self._spent[route] += seconds
        if self._spent[route] >= PATIENCE:
            rest = min(self._spent[route] * REST, _LONGEST_REST)
            _rests[route] = clock.now() + round(rest * clock.SECOND)
