"""A provider on loopback that people sign in at: OpenID Connect, or the dialect of a social one.

It speaks HTTP: discovery, authorization (which signs the scripted person in at once), token,
userinfo, keys, and the end of the session. It checks what it is asked as a provider does: client
secret, redirect URI, PKCE, codes that are good once. It misbehaves as told.

As a process of its own: `python -m tests.doubles.oidc_provider DIALECT PORT` prints its URL.
"""

import sys
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from app.directory.connection_settings import OAuthSettings, OidcSettings
from tests.doubles import oidc_http
from tests.doubles.loopback import Loopback
from tests.doubles.oidc_dialects import DIALECTS, Dialect
from tests.doubles.oidc_keys import SigningKeys
from tests.doubles.oidc_people import APPLE_USER, PEOPLE
from tests.doubles.oidc_script import CLIENT_ID, REMOVED, SECRET, Asked, Grant, Script

__all__ = ["CLIENT_ID", "REMOVED", "SECRET", "OidcProvider", "Script"]


class OidcProvider(Loopback):
    """The server; a context manager that runs it."""

    def __init__(self, dialect: str = "oidc", port: int = 0) -> None:
        self.dialect: Dialect = DIALECTS[dialect]
        self.keys = SigningKeys()
        self.clients = {CLIENT_ID: SECRET}
        self.public_keys: dict[str, dict[str, Any]] = {}
        """Client -> the JWK that its assertions are checked with."""
        self.grants: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}
        self.asked: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.stopped = threading.Event()
        self.reset()
        self._server = oidc_http.listen(self, port)

    def reset(self) -> None:
        """Behave well again."""
        self.script = Script(person=dict(PEOPLE[self.dialect.people]))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopped.set()
        super().__exit__(kind, error, trace)

    @property
    def issuer(self) -> str:
        """As a connection names it; Microsoft's is an alias there."""
        return f"{self.url}{self.dialect.issuer_path}"

    @property
    def token_issuer(self) -> str:
        """As ID tokens name it."""
        directory = self.script.person.get("tid", "")
        return self.issuer.replace("/common/", f"/{directory}/")

    def pointed_here(self, settings: OidcSettings | OAuthSettings) -> OidcSettings | OAuthSettings:
        """A preset's settings with this server in place of the provider's hosts."""
        changed = {
            name: self._here(value)
            for name, value in settings.model_dump().items()
            if isinstance(value, str) and value.startswith("https://")
        }
        return settings.model_copy(update=changed)

    def last(self, path: str) -> Asked:
        """The last request to `path`."""
        return next(each for each in reversed(self.asked) if each.path == path)

    def apple_user(self) -> str | None:
        """The form field `user`, which Apple sends once."""
        is_told = self.dialect.posts_user and self.script.is_first_time
        self.script.is_first_time = False
        return APPLE_USER if is_told else None

    def _here(self, url: str) -> str:
        parts = urlsplit(url)
        return urlunsplit(("http", self.address, parts.path, parts.query, ""))


def main() -> None:
    """Serve until the process ends."""
    dialect, port = sys.argv[1], int(sys.argv[2])
    with OidcProvider(dialect, port) as provider:
        print(provider.url, flush=True)
        while True:
            time.sleep(60)


if __name__ == "__main__":
    main()
