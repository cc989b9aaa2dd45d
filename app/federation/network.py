"""Requests to providers: all that one sign-in needs, within one budget, by the guarded client."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app import outgoing
from app.federation.identity import UpstreamAway, UpstreamRefused
from app.outgoing import Answer, Blocked, OutgoingError, TooLarge

BUDGET = 5.0
"""Seconds for everything that a provider is asked during one sign-in (I08)."""
MAX_BYTES = 524_288


@dataclass(frozen=True)
class Reply:
    """What a provider answered, whatever its status."""

    status: int
    content_type: str
    body: bytes
    summary: str

    @property
    def is_good(self) -> bool:
        return self.status == 200

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def document(self) -> dict[str, Any] | None:
        """The body as a JSON object; None where it is none."""
        found = self.json()
        return found if isinstance(found, dict) else None


class Budget:
    """The time that is left for a provider in one sign-in; it runs from the start on."""

    def __init__(self, seconds: float = BUDGET) -> None:
        self._end = time.monotonic() + seconds

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, at_most: float = BUDGET
    ) -> Reply:
        """GET, for JSON, in `at_most` seconds. Raises `UpstreamAway` and `UpstreamRefused`."""
        return self._send("GET", url, {**(headers or {})}, None, at_most)

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """POST a form. Raises `UpstreamAway` and `UpstreamRefused`."""
        given = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, given, urlencode(form).encode(), BUDGET)

    def _send(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, at_most: float
    ) -> Reply:
        headers.setdefault("Accept", "application/json")
        headers["User-Agent"] = "AuthPage"  # GitHub's API answers nobody who gives no name.
        try:
            answer = outgoing.fetch(
                url,
                method=method,
                headers=headers,
                content=content,
                max_bytes=MAX_BYTES,
                deadline=min(self._left(), at_most),
            )
        except TooLarge:
            raise UpstreamRefused("too_large", {"url": _shown(url)}) from None
        except Blocked as error:
            told = {"url": _shown(url), "reason": error.reason}
            raise UpstreamRefused("discovery_unusable", told) from None
        except OutgoingError as error:
            raise UpstreamAway(error.reason) from None
        return _reply(answer)

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise UpstreamAway("the budget is spent")
        return left


def _shown(url: str) -> str:
    """The URL without its query, which may hold a proof of ours."""
    return url.partition("?")[0]


def _reply(answer: Answer) -> Reply:
    if answer.status >= 500 or answer.status == 429:
        raise UpstreamAway(answer.summary)
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Reply(answer.status, content_type, answer.body, answer.summary)
