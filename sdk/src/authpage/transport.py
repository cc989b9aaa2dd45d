"""HTTP to the provider: JSON in, forms out, and errors in the words of this package."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from authpage.errors import (
    ConfigurationError,
    InvalidResponse,
    NoAnswer,
    OAuthError,
    ProviderUnavailable,
)

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
TIMEOUT_SECONDS = 5.0


def new_http_client() -> httpx2.Client:
    """A client that follows no redirects and ignores proxy settings of the environment."""
    return httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)


def require_safe_url(url: str, what: str) -> str:
    """Return the URL, if it is https, or http on loopback.

    Raises ConfigurationError for anything else, and for user info or a fragment.
    """
    parts = urlsplit(url)
    on_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
    if not (parts.scheme == "https" and parts.hostname) and not on_loopback:
        raise ConfigurationError(f"{what} must be an https URL, or http on localhost")
    if parts.username is not None or parts.fragment:
        raise ConfigurationError(f"{what} must have no user info and no fragment")
    return url


def get_json(
    http: httpx2.Client, url: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object found at a URL. Raises like `post_form`."""
    return _json_object(_send(http, "GET", url, headers=headers))


def post_form(
    http: httpx2.Client,
    url: str,
    form: Mapping[str, str],
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Post a form and return the JSON object of the answer.

    Raises OAuthError when the provider refuses with an OAuth error, ProviderUnavailable when it
    does not answer or fails itself, InvalidResponse when the answer cannot be understood.
    """
    return _json_object(_send(http, "POST", url, data=form, auth=auth))


def _send(http: httpx2.Client, method: str, url: str, **options: Any) -> httpx2.Response:
    try:
        response = http.request(method, url, **options)
    except httpx2.HTTPError as error:
        raise NoAnswer(f"no answer from the provider: {type(error).__name__}") from error
    if response.status_code >= 500 or response.status_code == 429:
        raise ProviderUnavailable(f"the provider answered {response.status_code}")
    return response


def _json_object(response: httpx2.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError) as error:
        raise InvalidResponse("the provider's answer is not JSON") from error
    if not isinstance(body, dict):
        raise InvalidResponse("the provider's answer is not a JSON object")
    if response.status_code == 200:
        return body
    code = body.get("error")
    if isinstance(code, str):
        raise OAuthError(code)
    raise InvalidResponse(f"the provider answered {response.status_code}")
