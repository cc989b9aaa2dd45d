"""The app's cookies: their names, their attributes, and a reader that distrusts doubles."""

from flask import Request, Response


class Cookies:
    """Cookies with a common prefix, Lax, for the whole host. On https they are `__Host-` ones,
    which no sibling domain can set; on http://localhost they cannot be (browsers refuse)."""

    def __init__(self, prefix: str, *, secure: bool) -> None:
        self._prefix = ("__Host-" if secure else "") + prefix + "_"
        self._secure = secure

    def read(self, request: Request, name: str) -> str | None:
        """Return the value, or None when there is none, or more than one: then somebody else
        has set one, and nobody can tell which."""
        values = self._pairs(request).get(self._prefix + name, [])
        return values[0] if len(values) == 1 else None

    def starting_with(self, request: Request, name: str) -> dict[str, str]:
        """Return name and value of all cookies whose name begins so."""
        return {
            full_name.removeprefix(self._prefix): values[0]
            for full_name, values in self._pairs(request).items()
            if full_name.startswith(self._prefix + name) and len(values) == 1
        }

    def set(
        self,
        response: Response,
        name: str,
        value: str,
        *,
        seconds: int,
        http_only: bool = True,
    ) -> None:
        """Send a cookie that lives for so many seconds."""
        response.set_cookie(
            self._prefix + name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=http_only,
            samesite="Lax",
        )

    def clear(self, response: Response, name: str) -> None:
        """Remove a cookie from the browser."""
        response.delete_cookie(
            self._prefix + name,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def _pairs(self, request: Request) -> dict[str, list[str]]:
        """Read the header itself: Werkzeug hides doubles, and a wider trim than this one would
        take a look-alike name (a U+2000 before it) for ours."""
        pairs: dict[str, list[str]] = {}
        for part in request.headers.get("Cookie", "").split(";"):
            name, _, value = part.strip(" \t").partition("=")
            pairs.setdefault(name, []).append(value)
        return pairs
