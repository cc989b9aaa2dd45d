"""The security headers of every answer, set in one place."""

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
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
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


def _harden(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().base_url.startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", _TRANSPORT)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
