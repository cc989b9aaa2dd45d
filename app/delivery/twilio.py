"""Sends text messages by Twilio's Messages resource, through the guarded client.

Twilio's own words are never repeated: they quote numbers. Its error codes are.
"""

import base64
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

from app import outgoing
from app.config import settings
from app.delivery.sender import Away, NotNow, Refused
from app.outgoing import Answer, Blocked, NoConnection, OutgoingError

_LONGEST_VALIDITY = 36_000
_OF_THE_ACCOUNT = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_IN_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}


class Unsure(NotNow):
    """Nobody knows whether the message was sent: the answer was lost or says nothing."""


@dataclass(frozen=True)
class Account:
    """A Twilio account, and whom its messages come from."""

    sid: str
    auth_token: str = field(repr=False)
    sender: str
    """A number, a name, or the id of a messaging service."""


def send(account: Account, to: str, body: str, *, valid_for: int) -> None:
    """Hand one message over, for Twilio to send within `valid_for` seconds.

    Raises `Refused` for a number that takes none, `NotNow` or `Unsure` for a fault in passing, and
    `Away` when the account can send nothing at all.
    """
    url = f"{settings().twilio_url}/2010-04-01/Accounts/{account.sid}/Messages.json"
    try:
        answer = outgoing.fetch(
            url,
            method="POST",
            headers=_headers(account),
            content=_form(account, to, body, valid_for),
        )
    except (Blocked, NoConnection) as error:
        raise Away(error.reason) from None
    except OutgoingError as error:
        raise Unsure(error.reason) from None
    _judge(answer)


def _headers(account: Account) -> dict[str, str]:
    credentials = base64.b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    return {
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }


def _form(account: Account, to: str, body: str, valid_for: int) -> bytes:
    from_ = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
    validity = str(max(1, min(valid_for, _LONGEST_VALIDITY)))
    form = {"To": to, from_: account.sender, "Body": body, "ValidityPeriod": validity}
    return urlencode(form).encode()


def _judge(answer: Answer) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    reason = f"{status} from Twilio{_error_code(answer)}"
    if status in _OF_THE_ACCOUNT:
        raise Away(reason)
    if status in _IN_PASSING or status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise NotNow(reason)
    if 400 <= status < 500:
        raise Refused(reason)
    raise Unsure(reason)


def _error_code(answer: Answer) -> str:
    """Twilio's number of the error, such as 21211 for a number that does not exist."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return ""
    code = document.get("code") if isinstance(document, dict) else None
    return f" ({code})" if isinstance(code, int) else ""
