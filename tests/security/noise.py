"""What programs and attackers may send: nearly right values, and what is none at all."""

import json
import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
PARAMETERS = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method", "prompt", "max_age", "login_hint", "id_token_hint",
    "ui_locales", "acr_values", "claims", "organization", "request", "request_uri", "registration",
    "grant_type", "code", "code_verifier", "refresh_token", "client_secret", "token",
    "token_type_hint", "access_token", "post_logout_redirect_uri", "logout_hint", "ticket", "email",
    "password", "action", "choice", "csrf_token", "locale", "session", "display_name",
    "organization_name", "search", "metadata", "authorize", "kind", "response", "resource",
)  # fmt: skip
WORDS = (
    "code", "openid", "openid profile email offline_access", "query", "form_post", "fragment",
    "none", "login", "create", "select_account consent", "S256", "plain", "authorization_code",
    "refresh_token", "client_credentials", "password", "sign_in", "sign_up", "recover", "continue",
    "resend", "use:email_code", "use:nothing", "use:", "choose", "change", "restart", "allow",
    "deny", "another_account", "go_to", "code", "https://app.example/callback",
    "jane@example.com", "123456", "0", "-1", "99999999999999999999", "de", "ar zz-ZZ", "true",
    "[]", "{}", '{"id_token": {"sub": {"value": "x"}, "acr": {"essential": true}}}', "null",
)  # fmt: skip
NASTY = (
    "", " ", "\t", "\r\n", "\x00", "\x1b[31m", "\u202e", "\ud7ff", "\ufeff", "😀" * 50, "é" * 300,
    "'", '"', "`", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "%s%n", "%", "%00", "%ff",
    "../../etc/passwd", "\\", "//evil", "a" * 5_000, "' OR 1=1 --", ";", "&", "=", "\x7f", "·" * 99,
    "١٢٣", "NaN", "Infinity", "1e999", "0x10", "\u017f", "\u0130", "\ufb00",
    "a@b@c", "@", "a@", "@b", ".@.", "a@b",
)  # fmt: skip
HEADERS = (
    "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "Accept", "Accept-Language", "Host",
    "Content-Type", "Content-Encoding", "If-None-Match", "Range", "User-Agent", "X-Request-Id",
    "X-Forwarded-For", "Transfer-Encoding", "Expect", "Referer", "Accept-Encoding",
)  # fmt: skip
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/json; charset=utf-16",
    "",
    "nonsense",
)


class Noise:
    """Values out of a seed: things that exist, words of the protocols, and trash."""

    def __init__(self, seed: int, belongings: Iterable[str]) -> None:
        self.random = random.Random(seed)
        self._belongings = sorted(belongings)

    def happens(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.random.random() < share

    def value(self) -> str:
        """One text of any kind."""
        kind = self.random.random()
        if kind < 0.35:
            return self.random.choice(self._belongings)
        if kind < 0.6:
            return self.random.choice(WORDS)
        if kind < 0.9:
            return self.random.choice(NASTY)
        changed = list(self.random.choice(self._belongings))
        changed[self.random.randrange(len(changed))] = self.random.choice("aZ0._-%\x00é")
        return "".join(changed)

    def spoil(self, given: dict[str, str]) -> dict[str, str]:
        """The same parameters with some more or others, and maybe one less."""
        for name in self.random.sample(PARAMETERS, self.random.randint(0, 5)):
            given[name] = self.value()
        for name in self.random.sample([*given], min(len(given), self.random.randint(0, 1))):
            del given[name]
        return given

    def document(self, depth: int) -> Any:
        """Any JSON value, with no more than `depth` levels."""
        kind = self.random.random()
        if depth and kind < 0.3:
            return {self.value(): self.document(depth - 1) for _ in range(3)}
        if depth and kind < 0.4:
            return [self.document(depth - 1) for _ in range(3)]
        return self.random.choice((self.value(), self.value(), None, True, 7, -1.5, 10**400))

    def headers(self) -> list[tuple[str, str]]:
        """None, one or two headers that mean something, with a value that may not."""
        sent = []
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            name = self.random.choice(HEADERS)
            value = self.value().replace("\r", "").replace("\n", "")
            sent.append((name, value.encode().decode("latin-1")))
        return sent

    def trash(self) -> bytes:
        """A body that is nothing."""
        return self.random.randbytes(self.random.choice((0, 1, 50, 5_000, 70_000)))

    def as_json(self, document: Any) -> bytes:
        """The document as it is sent, at times broken off or in another encoding."""
        text = json.dumps(document)
        if self.happens(0.03):
            return text[: len(text) // 2].encode()
        return text.encode("utf-16" if self.happens(0.02) else "utf-8")


def encoded(pairs: dict[str, str]) -> str:
    """The pairs as a query or a form."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())
