"""Where the answer to an authorization request goes, and how it travels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode


@dataclass(frozen=True)
class ToClient:
    """An answer on its way out: a URL to send the browser to, or a form for it to post there."""

    method: Literal["redirect", "form_post"]
    url: str
    fields: Mapping[str, str]
    """What is told: the fields of the form, or what the query of the URL carries."""


@dataclass(frozen=True)
class Destination:
    """A redirect URI that is known to be registered, and what every answer to it bears."""

    redirect_uri: str
    response_mode: str
    state: str | None
    issuer: str

    def answer(self, fields: Mapping[str, str | None]) -> ToClient:
        """The answer with `state` as it came and `iss` (RFC 9207, section 2), errors too."""
        given = {**fields, "state": self.state, "iss": self.issuer}
        present = {name: value for name, value in given.items() if value is not None}
        if self.response_mode == "form_post":
            return ToClient("form_post", self.redirect_uri, present)
        return ToClient("redirect", with_query(self.redirect_uri, present), present)


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    """`uri` with the fields added; a query that it has already stays as it is, to the character."""
    if not fields:
        return uri
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(fields)}"
