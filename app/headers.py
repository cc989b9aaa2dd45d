"""The security headers of every answer, set in one place."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response

from app.config import settings

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    # Chromium applies form-action to every redirect after a form post, beyond the client too;
    # pages that leave after a POST therefore leave by a link (see pages/leaving).
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
}


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}".strip() for name, value in policy.items())


_PREVIEW = {
    "sandbox": "",
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
}
_HEADERS = {
    "Content-Security-Policy": _written(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: Chromium would send `Origin: null` with our own form posts.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
}
_TRANSPORT = "max-age=31536000"


def init_app(app: Flask) -> None:
    """Set the headers on every answer; what a view set itself stays."""
    app.after_request(_harden)


def allow_form_to(response: Response, url: str) -> Response:
    """Let the page post its form to `url`, and to wherever that redirects (`form_post`).

    An origin alone would not do: the policy also covers the redirects of the receiver.
    """
    scheme = urlsplit(url).scheme
    allowed = "https:" if scheme == "https" else f"https: {scheme}:"
    own = _HEADERS["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = own.replace(
        "form-action 'self'", f"form-action {allowed}"
    )
    return response


def contain(response: Response, *, is_mail: bool = False) -> Response:
    """Let the page be shown in a frame of this origin, and do nothing there: it has no origin, no
    script and no forms. A mail brings its style along."""
    policy = _PREVIEW | ({"style-src": "'unsafe-inline'"} if is_mail else {})
    response.headers["Content-Security-Policy"] = _written(policy)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def allow_own_frames(response: Response) -> Response:
    """Let the page show frames of its own origin, unless the view set a policy itself."""
    policy = _written(_POLICY | {"frame-src": "'self'"})
    response.headers.setdefault("Content-Security-Policy", policy)
    return response


def _harden(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().base_url.startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", _TRANSPORT)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
