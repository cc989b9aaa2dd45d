"""What every sender of mails has in common: how it is used and how it fails."""

from email.message import EmailMessage
from typing import Protocol


class Failure(Exception):
    """A mail was not sent. `reason` is short and fit for the delivery log: no address, no body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Failure):
    """The server refuses this mail for good (a 5xx answer); trying again is useless."""


class NotNow(Failure):
    """The server refuses this mail for now (a 4xx answer, such as greylisting)."""


class Away(Failure):
    """No mail can be sent at all: no connection, no agreement on TLS, wrong password."""


class Sender(Protocol):
    """Sends mails, one after another; a context manager that holds its connection."""

    def __enter__(self) -> "Sender":
        """Ready to send; connects at the first mail."""

    def __exit__(self, *_: object) -> None:
        """Let the connection go."""

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Hand one mail over to one recipient; raises `Failure`."""
