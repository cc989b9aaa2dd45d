"""What the double of a provider is told to do, and what it remembers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.oidc_people import GITHUB_ADDRESSES

CLIENT_ID, SECRET = "client-4711", "s3cret/with+signs=&%"


class _Removed:
    """Named, so that tests that are given it have the same names in every process."""

    def __repr__(self) -> str:
        return "REMOVED"


REMOVED = _Removed()
"""As a changed claim: leave it out."""


@dataclass
class Grant:
    """A code that was given out."""

    client_id: str
    redirect_uri: str
    nonce: str | None
    challenge: str | None
    scopes: tuple[str, ...]
    is_used: bool = False


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Script:
    """What the provider does next; the defaults are well-behaved."""

    person: dict[str, Any] = field(default_factory=dict)
    """Claims or profile of whoever signs in."""
    changed: dict[str, Any] = field(default_factory=dict)
    """Claims of the ID token that are other than they should be; `REMOVED` takes one out."""
    header: dict[str, Any] = field(default_factory=dict)
    """Members of the ID token's header that are other."""
    signs: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    """Makes the ID token of header and claims, in place of the provider's keys."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    """Claims at userinfo that are other."""
    addresses: list[dict[str, Any]] = field(default_factory=lambda: [*GITHUB_ADDRESSES])
    redirect: dict[str, Any] = field(default_factory=dict)
    """Parameters of the authorization response that are other, such as `error` or `iss`."""
    token_error: tuple[int, dict[str, Any]] | None = None
    tokens: dict[str, Any] = field(default_factory=dict)
    """Members of the token response that are other."""
    discovery: dict[str, Any] = field(default_factory=dict)
    """Members of the discovery document that are other."""
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    """What -> status, content type and body in place of the answer: `discovery`, `jwks`, `token`,
    `userinfo`, `authorize`."""
    hangs: set[str] = field(default_factory=set)
    """What gets no answer until the server stops."""
    resets: set[str] = field(default_factory=set)
    """What is cut off."""
    is_first_time: bool = True
    """Whether Apple tells the name."""


class Failure(Exception):
    """An OAuth error, for the provider to write in its own form."""

    def __init__(
        self,
        code: str,
        status: int = 400,
        number: int = 100,
        document: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.number, self.document = code, status, number, document


def changed(document: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
    """The document with other members, and without those that were `REMOVED`."""
    return {name: value for name, value in {**document, **by}.items() if value is not REMOVED}
