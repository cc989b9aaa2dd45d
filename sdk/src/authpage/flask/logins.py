"""Logins that are under way. Each has a cookie of its own, named after its state, so that two
tabs do not disturb each other. The cookie binds state, nonce and PKCE verifier to the browser.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from flask import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from authpage.client import AuthorizationRequest
from authpage.flask.cookies import Cookies

LOGIN_SECONDS = 30 * 60
MAX_LOGINS = 5
_PREFIX = "login_"


@dataclass(frozen=True)
class Login:
    """What the answer of AuthPage must match, and where the person goes then."""

    state: str
    nonce: str
    code_verifier: str
    return_to: str


class Logins:
    """Keeps logins in signed cookies for half an hour, at most five in a browser."""

    def __init__(self, cookies: Cookies, secret: bytes) -> None:
        self._cookies = cookies
        self._serializer = URLSafeTimedSerializer(secret, salt="authpage.login")

    def remember(
        self, request: Request, response: Response, begun: AuthorizationRequest, return_to: str
    ) -> None:
        """Bind a login to this browser. The oldest makes room when there are too many."""
        login = Login(begun.state, begun.nonce, begun.code_verifier, return_to)
        under_way = self._by_age(self._cookies.starting_with(request, _PREFIX))
        for name in under_way[MAX_LOGINS - 1 :]:
            self._cookies.clear(response, name)
        value = self._serializer.dumps(asdict(login))
        self._cookies.set(response, _name(begun.state), str(value), seconds=LOGIN_SECONDS)

    def find(self, request: Request, state: str) -> Login | None:
        """Return the login that goes by this state, or None if this browser began none lately.

        The state in it is for `Client.code_from_response` to compare.
        """
        value = self._cookies.read(request, _name(state))
        if value is None:
            return None
        try:
            return Login(**self._serializer.loads(value, max_age=LOGIN_SECONDS))
        except BadSignature:
            return None

    def forget(self, response: Response, state: str) -> None:
        """End a login, whatever came of it."""
        self._cookies.clear(response, _name(state))

    def _by_age(self, cookies: Mapping[str, str]) -> list[str]:
        """Names, newest first; unreadable ones last."""
        return sorted(cookies, key=lambda name: self._begun_at(cookies[name]), reverse=True)

    def _begun_at(self, value: str) -> float:
        try:
            _, begun_at = self._serializer.loads(
                value, max_age=LOGIN_SECONDS, return_timestamp=True
            )
        except BadSignature:
            return 0.0
        return float(begun_at.timestamp())


def _name(state: str) -> str:
    return _PREFIX + hashlib.sha256(state.encode()).hexdigest()[:16]
