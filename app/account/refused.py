"""What the account use-cases refuse; each door says it in its own way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from app.directory.people import IdentifierTaken
from app.directory.ways_in import LastFactor, LastWayIn
from app.flow.screen import Text


class Refused(Exception):
    """It was not done. `text` says why, `field` which input it is about, if one."""

    def __init__(
        self, code: str, text: Text, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        """The stable machine code, for the API."""
        self.text = text
        self.field = field
        self.retry_after = retry_after
        """Seconds, when a limit was reached."""


class NotRecent(Exception):
    """The person must be proven anew first (RFC 9470)."""

    def __init__(self, max_age: int, acr: Sequence[str]) -> None:
        super().__init__("recent_sign_in_required")
        self.max_age = max_age
        """Seconds that the proof may be old."""
        self.acr = tuple(acr)
        """The classes of which one will do; empty when any will."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the directory refuses into `Refused`; around the transaction, so that it is rolled
    back first."""
    try:
        yield
    except LastFactor:
        raise Refused("last_factor", Text("error.last_factor")) from None
    except LastWayIn:
        raise Refused("last_way_in", Text("error.last_way_in")) from None
    except IdentifierTaken:
        raise Refused("identifier_taken", Text("error.identifier_taken")) from None
