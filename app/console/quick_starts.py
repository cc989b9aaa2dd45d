"""What an application's developer copies: a few files for a well-known library, filled in.

The texts lie in templates/console/quick_starts, one for each library, with `{{ name }}` where a
value of the application belongs. Values are registered already, so no quote can be in them.
"""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit

from app.config import PROJECT
from app.directory.clients import ClientView
from app.directory.tenants import Tenant

_FOLDER = PROJECT / "templates" / "console" / "quick_starts"
_FILE = re.compile(r"^=== (?P<name>.+) \| (?P<language>\w+)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")
_SCOPES = ("openid", "profile", "email")
_EXAMPLE = "http://localhost:3000/callback"


@dataclass(frozen=True)
class Library:
    """A library that people sign in with, and the framework that it is for."""

    key: str
    """Also the name of its text."""
    framework: str
    name: str
    kinds: tuple[str, ...] = ("web",)
    """The kinds of applications that it is for."""
    path: str | None = None
    """The only path of a redirect URI that it answers at; None: any."""


@dataclass(frozen=True)
class File:
    """A file to copy, or some lines for the shell."""

    name: str
    language: str
    text: str


@dataclass(frozen=True)
class QuickStart:
    """Everything that it takes for one application with one library."""

    library: Library
    redirect_uri: str
    is_registered: bool
    """Whether the redirect URI is one of the application's."""
    files: tuple[File, ...]


LIBRARIES = (
    Library("flask", "Flask", "Authlib"),
    Library("django", "Django", "Authlib"),
    Library("fastapi", "FastAPI", "Authlib"),
    Library("nextjs", "Next.js", "Auth.js", path="/api/auth/callback/authpage"),
    Library("express", "Express", "express-openid-connect"),
    Library("go", "Go", "coreos/go-oidc"),
    Library("java", "Java", "Spring Security", path="/login/oauth2/code/authpage"),
    Library("browser", "JavaScript", "oidc-client-ts", kinds=("spa",)),
    Library("native", "Android", "AppAuth", kinds=("native",)),
)


def fitting(view: ClientView) -> tuple[Library, ...]:
    """The libraries for an application of this kind."""
    return tuple(each for each in LIBRARIES if view.kind in each.kinds)


def of(tenant: Tenant, view: ClientView, library: Library) -> QuickStart:
    """The files for this application, with its issuer, client id and redirect URI in them."""
    redirect_uri = _redirect_uri(view, library)
    values = _values(tenant, view, redirect_uri)
    files = tuple(
        File(each.name, each.language, _PLACEHOLDER.sub(lambda found: values[found[1]], each.text))
        for each in texts(library.key)
    )
    return QuickStart(library, redirect_uri, redirect_uri in view.redirect_uris, files)


@cache
def texts(key: str) -> tuple[File, ...]:
    """The files of a library with their placeholders."""
    _, *parts = _FILE.split((_FOLDER / f"{key}.txt").read_text(encoding="utf-8"))
    named = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return tuple(File(name, language, body.strip("\n") + "\n") for name, language, body in named)


def _redirect_uri(view: ClientView, library: Library) -> str:
    """One of the application's that the library can answer at, or else what it would need."""
    for uri in view.redirect_uris:
        if library.path in (None, urlsplit(uri).path):
            return uri
    first = urlsplit(view.redirect_uris[0] if view.redirect_uris else _EXAMPLE)
    return f"{first.scheme}://{first.netloc}{library.path or first.path}"


def _values(tenant: Tenant, view: ClientView, redirect_uri: str) -> dict[str, str]:
    url = urlsplit(redirect_uri)
    scopes = [scope for scope in _SCOPES if scope in view.scopes] or ["openid"]
    path = url.path or "/"
    return {
        "issuer": tenant.issuer,
        "client_id": view.id,
        "redirect_uri": redirect_uri,
        "redirect_path": path,
        "redirect_route": path.removeprefix("/"),
        "redirect_scheme": url.scheme,
        "origin": f"{url.scheme}://{url.netloc}",
        "port": str(_port(url)),
        "scope": " ".join(scopes),
        "scope_commas": ", ".join(scopes),
        "scope_list": ", ".join(f'"{scope}"' for scope in scopes),
    }


def _port(url: SplitResult) -> int:
    """Where the application listens: the port of its URL, or what many use behind a proxy."""
    return url.port or 8000
