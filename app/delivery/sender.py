"""What every sender of mails has in common: how it is used and how it fails."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol


class Failure(Exception):
    """A mail was not sent. `reason` is short and fit for the delivery log: no address, no body."""

    def __init__(self, reason: str, after: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        """Seconds after which the server wants to be asked again; None where it does not say."""


class Refused(Failure):
    """The server refuses this mail for good (a 5xx answer); trying again is useless."""


class NotNow(Failure):
    """The server refuses this mail for now (a 4xx answer, such as greylisting)."""


class Away(Failure):
    """No mail can be sent at all: no connection, no agreement on TLS, wrong password."""


@dataclass(frozen=True)
class Pending:
    """The server has taken the mail and does not know yet how it will go."""

    operation: str
    """What it calls the mail."""
    after: int
    """Seconds after which to ask."""


class Sender(Protocol):
    """Sends mails, one after another; a context manager that holds its connection."""

    def __enter__(self) -> "Sender":
        """Ready to send; connects at the first mail."""

    def __exit__(self, *_: object) -> None:
        """Let the connection go."""

    def send(self, mail: EmailMessage, recipient: str) -> Pending | None:
        """Hand one mail over to one recipient; None when it is sent. Raises `Failure`."""

    def follow(self, operation: str) -> Pending | None:
        """How it went with a mail that was taken before; as `send`."""
