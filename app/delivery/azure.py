"""Sends mails by the REST API of Azure Communication Services Email, through the guarded client.

Each request is signed with HMAC-SHA256 over method, path, date, host and the hash of the body, as
Azure's reference of access key authentication says. Azure takes a mail first and tells later how
it went: an operation is asked about until it ends. Azure's own words are never repeated, as they
quote addresses; its error codes are.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from app import clock, outgoing
from app.delivery.sender import Away, Failure, NotNow, Pending, Refused
from app.outgoing import Answer, Blocked, NoConnection, OutgoingError

VERSION = "2023-03-31"
_ASK_AGAIN = 10
"""Seconds, where Azure does not say."""
_LONGEST_WAIT = 3_600
_OPERATION = re.compile(r"[0-9A-Za-z-]{1,64}")
_CODE = re.compile(r"[A-Za-z]{1,60}")
_OF_THE_ACCOUNT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
_ABOUT_THE_SENDER = re.compile(r"sender|domain|unauthorized|denied", re.IGNORECASE)


class BadConnectionString(ValueError):
    """The text is no connection string; it says what is wrong in one sentence."""


@dataclass(frozen=True)
class Resource:
    """A Communication Services resource and the key to it."""

    endpoint: str
    """Such as `https://acme.communication.azure.com`."""
    key: bytes = field(repr=False)


def parse(connection_string: str) -> Resource:
    """What a connection string (`endpoint=https://...;accesskey=...`) names; raises
    `BadConnectionString`."""
    pairs = (each.partition("=") for each in connection_string.split(";") if each.strip())
    given = {name.strip().lower(): value.strip() for name, _, value in pairs}
    endpoint, key = given.get("endpoint", "").rstrip("/"), given.get("accesskey", "")
    if not endpoint or not key:
        raise BadConnectionString(
            "A connection string reads endpoint=https://NAME.communication.azure.com;accesskey=KEY."
        )
    try:
        url = urlsplit(endpoint)
        has_port_or_none = url.port is None or url.port > 0
    except ValueError:
        has_port_or_none, url = False, urlsplit("")
    if url.scheme not in ("https", "http") or not url.hostname or not has_port_or_none:
        raise BadConnectionString("Its endpoint is no address that begins with https://.")
    if url.path or url.query or url.fragment or url.username is not None:
        raise BadConnectionString("Its endpoint is a host alone, without a path.")
    try:
        return Resource(endpoint, base64.b64decode(key, validate=True))
    except binascii.Error:
        raise BadConnectionString("Its access key is cut off: copy it once more.") from None


def signed_headers(resource: Resource, method: str, target: str, body: bytes) -> dict[str, str]:
    """The headers that prove that the request comes from whoever has the key; `target` is path and
    query."""
    date = format_datetime(datetime.fromtimestamp(clock.now_seconds(), UTC), usegmt=True)
    host = urlsplit(resource.endpoint).netloc
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    signed = f"{method}\n{target}\n{date};{host};{digest}".encode()
    signature = base64.b64encode(hmac.digest(resource.key, signed, "sha256")).decode()
    return {
        "x-ms-date": date,
        "x-ms-content-sha256": digest,
        "Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
        f"&Signature={signature}",
    }


class AzureSender:
    """Sends the mails of one tenant; `sender` is its verified address."""

    def __init__(self, resource: Resource, sender: str) -> None:
        self._resource = resource
        self._sender = sender

    def __enter__(self) -> "AzureSender":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held: each request has a connection of its own."""

    def send(self, mail: EmailMessage, recipient: str) -> Pending | None:
        """Hand one mail over; what comes back is asked about later. Raises `Failure`."""
        operation = str(uuid5(NAMESPACE_URL, f"{self._resource.endpoint}/{mail['Message-ID']}"))
        body = json.dumps(_document(mail, self._sender, recipient)).encode()
        extra = {"Operation-Id": operation, "Content-Type": "application/json"}
        answer = self._ask("POST", f"/emails:send?api-version={VERSION}", body, extra)
        if answer.status != HTTPStatus.ACCEPTED:
            raise _failure(answer)
        named = _member(answer, "id")
        known = named if isinstance(named, str) and _OPERATION.fullmatch(named) else operation
        return Pending(known, _wait(answer))

    def follow(self, operation: str) -> Pending | None:
        """None when the mail is sent; raises `Refused` when it will not be, else as `send`."""
        answer = self._ask("GET", f"/emails/operations/{operation}?api-version={VERSION}")
        if answer.status == HTTPStatus.NOT_FOUND:
            # Another resource took it, before the connection string changed: no outage of this one.
            raise Refused(f"404 from Azure{_error_code(answer)}")
        if answer.status != HTTPStatus.OK:
            raise _failure(answer)
        match _member(answer, "status"):
            case "Succeeded":
                return None
            case "Failed" | "Canceled":
                raise Refused(f"Azure could not send it{_error_code(answer)}")
        return Pending(operation, _wait(answer))

    def _ask(
        self, method: str, target: str, body: bytes = b"", extra: dict[str, str] | None = None
    ) -> Answer:
        headers = signed_headers(self._resource, method, target, body)
        try:
            return outgoing.fetch(
                self._resource.endpoint + target,
                method=method,
                headers={**headers, "Accept": "application/json", **(extra or {})},
                content=body or None,
            )
        except (Blocked, NoConnection) as error:
            raise Away(error.reason) from None
        except OutgoingError as error:
            raise NotNow(error.reason) from None


def _document(mail: EmailMessage, sender: str, recipient: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "senderAddress": sender,
        "recipients": {"to": [{"address": recipient}]},
        "content": {
            "subject": str(mail["Subject"]),
            "plainText": _part(mail, "plain"),
            "html": _part(mail, "html"),
        },
        "headers": {"X-Auto-Response-Suppress": "All"},
        # Tracking would send our links by way of Azure, and tell it who signs in when.
        "userEngagementTrackingDisabled": True,
    }
    if mail["Reply-To"]:
        document["replyTo"] = [{"address": mail["Reply-To"].addresses[0].addr_spec}]
    return document


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def _failure(answer: Answer) -> Failure:
    status, code = answer.status, _error_code(answer)
    reason = f"{status} from Azure{code}"
    after = _wait(answer) if "Retry-After" in answer.headers else None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Away(reason, after)
    if status in _OF_THE_ACCOUNT or (status < 500 and _ABOUT_THE_SENDER.search(code)):
        return Away(reason)
    if 400 <= status < 500 and status not in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT):
        return Refused(reason)
    return NotNow(reason, after)


def _wait(answer: Answer) -> int:
    """Seconds, as Retry-After says them (RFC 9110, section 10.2.3; Azure sends no dates)."""
    told = answer.headers.get("Retry-After", "")
    return (
        max(1, min(int(told), _LONGEST_WAIT)) if told.isascii() and told.isdigit() else _ASK_AGAIN
    )


def _error_code(answer: Answer) -> str:
    error = _member(answer, "error")
    code = error.get("code") if isinstance(error, dict) else None
    return f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _member(answer: Answer, name: str) -> Any:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    return document.get(name) if isinstance(document, dict) else None
