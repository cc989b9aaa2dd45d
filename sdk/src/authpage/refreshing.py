"""Refreshing tokens with one refresher at a time for each session.

AuthPage rotates refresh tokens. Two requests that present the same one look like a thief and its
victim. So the first request refreshes, and all others of the session wait for its result: in
this process on a future, in other processes on a lease in the store. A loser changes nothing.
"""

import secrets
import threading
import time
from concurrent.futures import Future

from authpage.client import Client
from authpage.errors import LoginRequired, OAuthError, ProviderUnavailable
from authpage.sessions import Session, SessionStore

MARGIN_SECONDS = 30
"""An access token with less life than this is refreshed before use."""

LEASE_SECONDS = 25
"""A refresher that died is replaced after this. Longer than a request and its repetition."""

WAIT_SECONDS = 25
_POLL_SECONDS = 0.05


class Refresher:
    """Keeps sessions fresh. One for each app and process."""

    def __init__(self, client: Client, store: SessionStore) -> None:
        self._client = client
        self._store = store
        self._lock = threading.Lock()
        self._running: dict[str, Future[Session]] = {}

    def fresh(self, key: str, session: Session) -> Session:
        """Return the session with an access token of at least 30 seconds.

        Without a refresh token it is returned as it is, until the access token expires. While
        AuthPage is away too. Raises LoginRequired when the session is over, ProviderUnavailable
        when the token has expired and no new one can be had.
        """
        left = session.tokens.expires_at - self._client.provider.clock()
        if left >= MARGIN_SECONDS or (left > 0 and session.tokens.refresh_token is None):
            return session
        try:
            return self.refresh(key, session)
        except ProviderUnavailable:
            if left > 0:
                return session
            raise

    def refresh(self, key: str, seen: Session, organization: str | None = None) -> Session:
        """Return a later version of the session than the one seen.

        With an organization, the tokens are for that one; AuthPage refuses a stranger to it.
        Raises LoginRequired when the session is over, OAuthError, InvalidToken, InvalidResponse,
        ProviderUnavailable.
        """
        while True:
            running, is_mine = self._join(key)
            if is_mine:
                return self._run(running, key, seen, organization)
            result = self._wait_for(running)
            if organization is None:
                return result
            seen = result

    def _join(self, key: str) -> tuple[Future[Session], bool]:
        with self._lock:
            running = self._running.get(key)
            if running is not None:
                return running, False
            mine: Future[Session] = Future()
            self._running[key] = mine
            return mine, True

    def _wait_for(self, running: Future[Session]) -> Session:
        try:
            return running.result(WAIT_SECONDS)
        except TimeoutError as error:
            raise ProviderUnavailable("another request is still refreshing") from error

    def _run(
        self, mine: Future[Session], key: str, seen: Session, organization: str | None
    ) -> Session:
        try:
            session = self._under_lease(key, seen, organization)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(session)
            return session
        finally:
            with self._lock:
                del self._running[key]

    def _under_lease(self, key: str, seen: Session, organization: str | None) -> Session:
        owner = secrets.token_hex(8)
        give_up_at = time.monotonic() + WAIT_SECONDS
        while not self._store.claim_refresh(key, owner, LEASE_SECONDS):
            current = self._current(key)
            if organization is None and current.version != seen.version:
                return current
            if time.monotonic() > give_up_at:
                raise ProviderUnavailable("another process is still refreshing")
            time.sleep(_POLL_SECONDS)
        try:
            current = self._current(key)
            if organization is None and current.version != seen.version:
                return current
            return self._renew(key, current, organization)
        finally:
            self._store.release_refresh(key, owner)

    def _renew(self, key: str, current: Session, organization: str | None) -> Session:
        if current.tokens.refresh_token is None:
            raise LoginRequired("the session has no refresh token")
        try:
            tokens = self._client.refresh(current.tokens, organization=organization)
        except OAuthError as error:
            # A refused switch may be an invalid_grant too, and leaves the session as it was.
            if error.code != "invalid_grant" or organization is not None:
                raise
            self._store.delete(key)
            raise LoginRequired("the session was ended at AuthPage") from error
        renewed = current.renewed(tokens)
        if not self._store.replace(key, renewed):
            raise LoginRequired("the session was ended meanwhile")
        return renewed

    def _current(self, key: str) -> Session:
        session = self._store.load(key)
        if session is None:
            raise LoginRequired("the session is gone")
        return session
