"""URLs that clients register: refused at the door when a browser could be sent astray by them.

The text is kept as it was given, since it will be compared character by character (RFC 9700,
section 2.1); so only text that every parser reads alike is taken.
"""

import re
from urllib.parse import SplitResult, urlsplit

from app.config import LOOPBACK
from app.directory.errors import BadValue

_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""Visible ASCII but for the characters that no URI may hold (RFC 3986): no spaces, controls,
quotes, angle brackets, backslashes, carets, backticks, braces, bars."""
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_LONGEST = 2_000


def check_redirect_uri(field: str, text: str, *, is_native: bool) -> None:
    """Raise `BadValue` unless browsers may be sent to `text` with an answer: https, http on this
    machine, or for native applications a private-use scheme (RFC 8252, section 7.1)."""
    url = _split(field, text)
    if is_native and _PRIVATE_SCHEME.fullmatch(url.scheme):
        if url.netloc and not _HOST.fullmatch(url.netloc.lower()):
            raise BadValue(field, f"The host of {text!r} is not valid.")
        return
    _check_web(field, text, url)


def check_url(field: str, text: str) -> None:
    """Raise `BadValue` unless `text` is an https URL, or http on this machine."""
    _check_web(field, text, _split(field, text))


def check_origin(field: str, text: str) -> None:
    """Raise `BadValue` unless `text` is a web origin as browsers send it: no path, no default
    port, lower case."""
    url = _split(field, text)
    _check_web(field, text, url)
    default = {"https": 443, "http": 80}[url.scheme]
    if text != f"{url.scheme}://{url.netloc}".lower() or url.port == default:
        raise BadValue(field, f"{text!r} is not an origin such as https://app.example.")


def _split(field: str, text: str) -> SplitResult:
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        raise BadValue(field, f"{text[:100]!r} has characters that no URI may have, or too many.")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise BadValue(field, f"{text!r} is not a URI.") from None
    if "#" in text:
        raise BadValue(field, f"{text!r} must not have a fragment.")
    if "@" in url.netloc:
        raise BadValue(field, f"{text!r} must not name a user.")
    if "*" in url.netloc or port == 0 or url.netloc.endswith(":"):
        raise BadValue(field, f"The host of {text!r} is not valid.")
    return url


def _check_web(field: str, text: str, url: SplitResult) -> None:
    host = url.hostname or ""
    if text.split(":", 1)[0] not in ("https", "http"):
        raise BadValue(field, f"{text!r} must begin with https://.")
    if not _HOST.fullmatch(host) and url.netloc.split("]")[0] != "[::1":
        raise BadValue(field, f"The host of {text!r} is not valid.")
    if url.scheme == "http" and host not in LOOPBACK:
        raise BadValue(field, f"{text!r} must use https; http is for this machine only.")
