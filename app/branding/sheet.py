"""The files of `static/` as browsers get them: joined, trimmed and named by their digest."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from pathlib import Path

from app.branding.brand import Brand
from app.branding.typefaces import TYPEFACES

_FOLDER = Path(__file__).resolve().parent.parent.parent / "static"
_STYLES = (
    "base",
    "card",
    "forms",
    "code",
    "lists",
    "factors",
    "account",
    "setup",
    "footer",
    "layouts",
    "modes",
)
_SCRIPTS = (
    "password",
    "copy",
    "code",
    "resend",
    "release",
    "passkey",
    "passkey_autofill",
    "passkey_create",
    "passkey_signal",
    "submit",
    "leave",
)
_CONSOLE_STYLES = (
    "console",
    "console_parts",
    "console_preview",
    "console_organizations",
    "console_branding",
    "console_audit",
    "console_messages",
    "console_users",
    "console_applications",
    "console_texts",
    "console_overview",
)
_CONSOLE_SCRIPTS = (
    "console",
    "console_preview",
    "console_branding",
    "console_messages",
    "console_users",
)
"""What the pages of the console have beside all that the others have."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCRIPT_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


@dataclass(frozen=True)
class Sheet:
    """Bytes that never change under their digest."""

    media_type: str
    content: bytes
    compressed: bytes | None
    """The same with gzip; None where it would not help."""
    digest: str


@lru_cache(maxsize=256)
def stylesheet(brand: Brand) -> Sheet:
    """The one stylesheet of a tenant's pages: its tokens, then the rules that all tenants share."""
    return made("text/css; charset=utf-8", f"{_declared(brand)}{_joined_rules(_STYLES)}".encode())


@lru_cache(maxsize=16)
def console_stylesheet(brand: Brand) -> Sheet:
    """The stylesheet of the console's pages, in its own brand."""
    rules = _declared(brand, "../../brand/") + _joined_rules((*_STYLES, *_CONSOLE_STYLES))
    return made("text/css; charset=utf-8", rules.encode())


@cache
def script() -> Sheet:
    """The one script: small behaviours that every page works without."""
    return _scripts(_SCRIPTS)


@cache
def console_script() -> Sheet:
    """The script of the console's pages."""
    return _scripts((*_SCRIPTS, *_CONSOLE_SCRIPTS))


@lru_cache(maxsize=256)
def icon(brand: Brand) -> Sheet:
    """The icon of the tenant's tabs: its tile, drawn by us."""
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" rx="10" fill="{brand.light.accent}"/>'
        '<text x="20" y="27" font-family="Inter,system-ui,sans-serif" font-size="20"'
        f' font-weight="700" text-anchor="middle" fill="{brand.light.on_accent}">'
        f"{escape(brand.initials)}</text></svg>"
    )
    return made("image/svg+xml", drawn.encode())


@cache
def font(key: str) -> Sheet | None:
    """The file of a typeface; None where it has none. Optional: the system's letters stand in."""
    typeface = TYPEFACES.get(key)
    if typeface is None or typeface.file is None:
        return None
    content = (_FOLDER / "fonts" / typeface.file).read_bytes()
    return Sheet("font/woff2", content, None, _digest(content))


@cache
def of_previews() -> str:
    """The rules that only previews of pages need."""
    return _trimmed(_COMMENT.sub("", _read("css/preview.css")))


def _declared(brand: Brand, folder: str = "") -> str:
    """What differs between tenants: tokens, and the letters, whose file is in `folder` as seen from
    the stylesheet."""
    file = font(brand.typeface)
    rule = (
        TYPEFACES[brand.typeface].rule(f"{folder}{brand.typeface}-{file.digest}.woff2")
        if file
        else ""
    )
    return brand.tokens.decode() + rule


@cache
def _joined_rules(names: tuple[str, ...]) -> str:
    joined = "\n".join(_read(f"css/{name}.css") for name in names)
    return _trimmed(_COMMENT.sub("", joined))


def _scripts(names: tuple[str, ...]) -> Sheet:
    parts = (_SCRIPT_COMMENT.sub("", _read(f"js/{name}.js")) for name in names)
    return made("text/javascript; charset=utf-8", _trimmed("\n".join(parts)).encode())


def made(media_type: str, content: bytes) -> Sheet:
    """The bytes as a file that is served under its digest."""
    return Sheet(media_type, content, gzip.compress(content, 9, mtime=0), _digest(content))


def _trimmed(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
