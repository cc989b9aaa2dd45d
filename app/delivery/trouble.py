"""What to do about a message that was not sent: one sentence for whoever set the server up."""

import re
from typing import Literal

Remedy = Literal[
    "password",
    "certificate",
    "inside",
    "port",
    "name",
    "connection",
    "slow",
    "starttls",
    "sender",
    "linked",
    "suppressed",
    "recipient",
    "busy",
    "missing",
    "twilio_country",
    "other",
]
"""Each has a sentence `console.messages.trouble.<remedy>`."""

_SIGNS: tuple[tuple[str, Remedy], ...] = (
    (r"no password|no sender address|unusable connection|not set up|cannot unseal", "missing"),
    (r"^53[0457] |SMTPAuthenticationError|^401 |^403 |Denied", "password"),
    (r"SMTPNotSupportedError", "starttls"),
    (r"SSL|Certificate", "certificate"),
    (r"not a public (address|name)|only https", "inside"),
    (r"not a port", "port"),
    (r"no such name|gaierror", "name"),
    (r"DomainNotLinked", "linked"),
    (r"Suppressed", "suppressed"),
    (r"Sender|to MAIL|SMTPSenderRefused|2160[36]|21212", "sender"),
    (r"in time|deadline|[Tt]imeout|timed out", "slow"),
    (r"no connection|Refused|refused|unreachable|no answer|Disconnected|reset", "connection"),
    (r"^429 |^4[25][0-9] ", "busy"),
    (r"21408|21612", "twilio_country"),
    (r"to RCPT|21211|21614|^400 ", "recipient"),
    (r"^404 ", "password"),
)


def remedy_for(reason: str) -> Remedy:
    """What mends a failure with this reason, as far as the reason tells."""
    return next((remedy for sign, remedy in _SIGNS if re.search(sign, reason)), "other")
