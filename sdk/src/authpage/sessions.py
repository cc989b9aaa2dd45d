"""Sessions of an app, kept on the server. The browser holds a random id; the store only its hash.

Tokens are never in a cookie. They change at every refresh, and parallel answers would overwrite
each other's cookies.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from authpage.client import TokenSet

SESSION_ID_LENGTH = 43  # 32 random bytes in base64url


@dataclass(frozen=True)
class Session:
    """One signed-in browser. `expires_at` is the end that no refresh moves, in epoch seconds.

    `version` grows with every refresh, so whoever holds an older one knows that it is old.
    """

    tokens: TokenSet
    profile: dict[str, Any]
    expires_at: float
    version: int = 1

    @property
    def claims(self) -> dict[str, Any]:
        """Who is signed in. What the ID token says wins over the profile."""
        return {**self.profile, **self.tokens.id_claims}

    def renewed(self, tokens: TokenSet) -> "Session":
        """The same session after a refresh."""
        return replace(self, tokens=tokens, version=self.version + 1)


class SessionStore(Protocol):
    """Where sessions live. Keys are hashes of session ids. Every method may be called by many
    threads at once, and by several processes if the app runs in several."""

    def load(self, key: str) -> Session | None:
        """Return the session, or None when there is none or it has expired."""

    def insert(self, key: str, session: Session) -> None:
        """Keep a new session. Expired ones may be dropped on the occasion."""

    def replace(self, key: str, session: Session) -> bool:
        """Put a renewed session in the place of the version before it, in one step.

        Returns False, and changes nothing, when that version is no longer there: a sign-out
        during a refresh is final.
        """

    def delete(self, key: str) -> None:
        """Forget the session, if it is there."""

    def claim_refresh(self, key: str, owner: str, seconds: float) -> bool:
        """Lease the right to refresh this session, unless another owner holds it."""

    def release_refresh(self, key: str, owner: str) -> None:
        """Give the lease back, if this owner still holds it."""


class MemorySessionStore:
    """Sessions in this process alone: for development, tests and single-process apps."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._leases: dict[str, tuple[str, float]] = {}

    def load(self, key: str) -> Session | None:
        """See SessionStore."""
        with self._lock:
            session = self._sessions.get(key)
        return session if session and session.expires_at > self._clock() else None

    def insert(self, key: str, session: Session) -> None:
        """See SessionStore."""
        now = self._clock()
        with self._lock:
            for old in [k for k, s in self._sessions.items() if s.expires_at <= now]:
                self._forget(old)
            self._sessions[key] = session

    def replace(self, key: str, session: Session) -> bool:
        """See SessionStore."""
        with self._lock:
            current = self._sessions.get(key)
            if current is None or current.version != session.version - 1:
                return False
            self._sessions[key] = session
            return True

    def delete(self, key: str) -> None:
        """See SessionStore."""
        with self._lock:
            self._forget(key)

    def claim_refresh(self, key: str, owner: str, seconds: float) -> bool:
        """See SessionStore."""
        now = self._clock()
        with self._lock:
            holder, until = self._leases.get(key, (owner, 0.0))
            if holder != owner and until > now:
                return False
            self._leases[key] = (owner, now + seconds)
            return True

    def release_refresh(self, key: str, owner: str) -> None:
        """See SessionStore."""
        with self._lock:
            if self._leases.get(key, ("", 0.0))[0] == owner:
                del self._leases[key]

    def _forget(self, key: str) -> None:
        self._sessions.pop(key, None)
        self._leases.pop(key, None)


def new_session_id() -> str:
    """A session id that nobody guesses: 32 random bytes."""
    return secrets.token_urlsafe(32)


def session_key(session_id: str) -> str | None:
    """The key of a session id in the store, or None when the text cannot be a session id."""
    if len(session_id) != SESSION_ID_LENGTH or not session_id.isascii():
        return None
    return hashlib.sha256(session_id.encode()).hexdigest()
