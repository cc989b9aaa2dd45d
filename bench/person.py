"""A person's browser and their app, reduced to the requests that a sign-in takes."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from bench.portal import PASSWORD, REDIRECT_URI, Portal

_VERIFIER = "a-verifier-of-the-bench-that-is-long-enough-for-rfc-7636"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_REFRESH = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


class Person:
    """One browser with cookies of its own, coming from one client."""

    def __init__(self, portal: Portal, client: tuple[str, str], email: str) -> None:
        self._client = client
        self._email = email
        self._http = httpx2.Client(base_url=portal.url, follow_redirects=False)
        self._url = portal.url

    def open_page(self) -> str:
        """The authorization request and the page it leads to; returns the page's path."""
        challenge = hashlib.sha256(_VERIFIER.encode()).digest()
        asked = {
            "client_id": self._client[0],
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid profile email offline_access",
            "state": "state",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        response = self._http.get(f"/oauth2/authorize?{urlencode(asked)}")
        path = response.headers["location"]
        self._page = self._http.get(path).raise_for_status()
        return path

    def sign_in(self) -> str:
        """A whole password sign-in, up to the tokens; returns the refresh token."""
        path = self._answer(self.open_page(), email=self._email).headers["location"]
        self._page = self._http.get(path).raise_for_status()
        left = self._answer(path, password=PASSWORD)
        found = _REFRESH.search(left.text)
        if found is None:
            raise RuntimeError(f"The sign-in did not succeed: {left.status_code}")
        query = urlsplit(found[1].replace("&amp;", "&")).query
        return self._token(
            grant_type="authorization_code",
            code=parse_qs(query)["code"][0],
            redirect_uri=REDIRECT_URI,
            code_verifier=_VERIFIER,
        )

    def refresh(self, token: str) -> str:
        """One rotation; returns the next refresh token."""
        return self._token(grant_type="refresh_token", refresh_token=token)

    def read(self, path: str) -> None:
        """One GET of a document."""
        self._http.get(path).raise_for_status()

    def _answer(self, path: str, **fields: str) -> httpx2.Response:
        token = _CSRF.search(self._page.text)
        assert token is not None
        data = {"csrf_token": token[1], **fields}
        return self._http.post(path, data=data, headers={"Origin": self._url})

    def _token(self, **form: str) -> str:
        response = self._http.post("/oauth2/token", data=form, auth=self._client)
        token: str = response.raise_for_status().json()["refresh_token"]
        return token
