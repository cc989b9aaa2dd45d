"""CSRF protection: a double-submit token bound to the session, beside Origin and Sec-Fetch-Site.

The token is a random part and its HMAC with the session. A page carries it twice, in a cookie
and in a form field or header. Another site can forge neither; a sibling domain that plants both
does not have the HMAC of this session.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Request

from authpage.flask.cookies import Cookies

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Csrf:
    """Makes and checks tokens. The session is named by its key; "" stands for no session."""

    def __init__(self, cookies: Cookies, secret: bytes, origin: str) -> None:
        self._cookies = cookies
        self._key = hmac.digest(secret, b"authpage.csrf", hashlib.sha256)
        self._origin = origin

    def make(self, session_key: str) -> str:
        """Return a new token for a session."""
        nonce = secrets.token_urlsafe(16)
        return f"{nonce}.{self._mac(nonce, session_key)}"

    @staticmethod
    def cookie(session_key: str) -> str:
        """The name of the cookie. Who is signed out has another one, so that a late page of a
        signed-out tab cannot overwrite the token of a session that began meanwhile."""
        return "csrf" if session_key else "csrf_guest"

    def in_cookie(self, request: Request, session_key: str) -> str | None:
        """Return the browser's token, if it has one that is good for this session."""
        token = self._cookies.read(request, self.cookie(session_key))
        return token if token and self._is_bound(token, session_key) else None

    def allows(self, request: Request, session_key: str) -> bool:
        """Whether an unsafe request comes from a page of this app."""
        expected = self.in_cookie(request, session_key)
        submitted = request.headers.get(HEADER) or request.form.get(FIELD) or ""
        if expected is None or not hmac.compare_digest(expected.encode(), submitted.encode()):
            return False
        return self._is_same_origin(request)

    def _is_same_origin(self, request: Request) -> bool:
        fetch_site = request.headers.get("Sec-Fetch-Site")
        if fetch_site not in (None, "same-origin", "none"):
            return False
        origin = request.headers.get("Origin")
        # A page with Referrer-Policy: no-referrer posts its own forms with "Origin: null".
        if origin == "null":
            return fetch_site == "same-origin"
        return origin in (None, self._origin)

    def _is_bound(self, token: str, session_key: str) -> bool:
        nonce, _, mac = token.partition(".")
        return hmac.compare_digest(mac.encode(), self._mac(nonce, session_key).encode())

    def _mac(self, nonce: str, session_key: str) -> str:
        message = f"{session_key}.{nonce}".encode()
        return hmac.digest(self._key, message, hashlib.sha256).hex()


def origin_of(url: str) -> str:
    """The origin of an http(s) URL, as browsers write it in the Origin header."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
