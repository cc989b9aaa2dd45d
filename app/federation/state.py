"""The `state` of an authorization request and the RelayState of SAML: opaque to the provider, and
worth something only together with the browser that it was made for.

It also knows which generation of the connection it was made for: a provider that took another's
place meanwhile answers nothing that was asked of the other. (SECURITY A13)

Nothing is stored when a browser is sent away. What must not be known outside (nonce, code verifier,
the id of the SAML request) is derived from the value under the root key; that it counts only once,
a mark in the landing transaction sees to. It has 79 characters, as RelayState may have 80.
(RFC 6749, section 10.12; SAML bindings, section 3.4.3)
"""

import base64
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import clock, single_use
from app.directory.connections import Connection
from app.security import keyring

LIVES = 10 * clock.MINUTE
"""Milliseconds that a person may take at the provider."""
_MARK = "upstream_state"
_RANDOM_BYTES, _TIME_DIGITS, _MAC_DIGITS = 12, 13, 20
_FLOW_LENGTH = 30
_GENERATIONS = 5
"""How many generations of a connection are told apart; what is older is no state of ours."""
_FLOW, _TEST = "flw_", "tst_"


@dataclass(frozen=True)
class State:
    """A state that is ours, and for this connection and browser."""

    text: str
    flow_id: str
    issued_at: int
    generation: int
    """The connection's when the browser was sent away."""

    @property
    def is_late(self) -> bool:
        """Whether the person took longer than they may."""
        return clock.now() > self.issued_at + LIVES

    @property
    def nonce(self) -> str:
        """The nonce of the ID token (OpenID Connect Core, section 3.1.2.1)."""
        return self._derived("nonce")

    @property
    def code_verifier(self) -> str:
        """The secret of PKCE (RFC 7636, section 4.1): 64 hex digits."""
        return self._derived("code_verifier")

    @property
    def request_id(self) -> str:
        """The ID of the SAML request, an NCName, which the response must name."""
        return f"_{self._derived('request_id')}"

    def spend(self, session: Session) -> bool:
        """Mark it inside the landing transaction; False when somebody was first (I03)."""
        return single_use.mark(session, _MARK, self.text, until=self.issued_at + 2 * LIVES)

    def _derived(self, what: str) -> str:
        return keyring().hash(f"upstream {what}", self.text)


def issue(connection: Connection, flow_id: str, binding: str) -> State:
    """A new state for one flow of one browser at one connection."""
    now = clock.now()
    head = f"{flow_id}{now:0{_TIME_DIGITS}d}{secrets.token_urlsafe(_RANDOM_BYTES)}"
    mac = next(_macs(connection, connection.generation, binding, head))
    return State(f"{head}{mac}", flow_id, now, connection.generation)


def open_(connection: Connection, binding: str, text: str) -> State | None:
    """The state that `text` is, late or not; None when it is not ours, or not for this browser and
    connection. Whether it was spent, only `spend` knows."""
    flow_id = flow_of(text)
    head = text[:-_MAC_DIGITS]
    generation = _generation_of(connection, binding, text) if flow_id else None
    if flow_id is None or generation is None:
        return None
    issued_at = int(head[_FLOW_LENGTH : _FLOW_LENGTH + _TIME_DIGITS])
    return State(text, flow_id, issued_at, generation)


def flow_of(text: str) -> str | None:
    """The flow that a state claims to be of, before anything is checked; None where it has not
    the form of a state."""
    time = text[_FLOW_LENGTH : _FLOW_LENGTH + _TIME_DIGITS]
    is_one = (
        text.isascii()
        and len(text) == _FLOW_LENGTH + _TIME_DIGITS + _RANDOM_BYTES * 4 // 3 + _MAC_DIGITS
        and text.startswith((_FLOW, _TEST))
        and time.isdigit()
    )
    return text[:_FLOW_LENGTH] if is_one else None


def test_id(session_id: str) -> str:
    """What stands for the flow where an admin tries a connection out: the setup session's id under
    another prefix, so that no flow ever takes the answer for its own."""
    return _TEST + session_id.partition("_")[2]


def is_test(flow_id: str) -> bool:
    """Whether a state is of such a test."""
    return flow_id.startswith(_TEST)


def _generation_of(connection: Connection, binding: str, text: str) -> int | None:
    """The generation that the state was made for: this one, or one of the last few."""
    head, mac = text[:-_MAC_DIGITS], text[-_MAC_DIGITS:]
    oldest = max(1, connection.generation - _GENERATIONS + 1)
    for generation in range(connection.generation, oldest - 1, -1):
        made = _macs(connection, generation, binding, head)
        if any(hmac.compare_digest(mac, each) for each in made):
            return generation
    return None


def _macs(connection: Connection, generation: int, binding: str, head: str) -> Iterator[str]:
    """Under every root key, newest first."""
    parts = (connection.tenant_id, connection.id, str(generation), binding, head)
    for made in keyring().hashes("upstream state", *parts):
        digest = base64.urlsafe_b64encode(bytes.fromhex(made)).decode()
        yield digest[:_MAC_DIGITS]
