"""Ways out of our origin.

Chromium applies `form-action` to every hop after a form POST, so a POST that leaves answers with a
small page that refreshes itself and shows a link; a GET leaves by 303.
"""

from collections.abc import Mapping

from flask import make_response, redirect, request
from werkzeug.wrappers import Response

from app import headers, tenancy
from app.federation.request import Request
from app.oidc.destination import ToClient
from app.pages import rendering


def to_client(answer: ToClient, *, after_post: bool, client_name: str = "") -> Response:
    """The answer to the client on its way through the browser (OAuth 2.0 Form Post Response Mode,
    or a redirect)."""
    if answer.method == "form_post":
        response = rendering.page(
            "form_post.html",
            url=answer.url,
            fields=answer.fields,
            client_name=client_name,
        )
        return headers.allow_form_to(response, answer.url)
    return to_url(answer.url, after_post=after_post, name=client_name)


def to_url(url: str, *, after_post: bool, name: str = "") -> Response:
    """On to a URL that was checked before, of another origin or ours."""
    if not after_post:
        return redirect(url, 303)
    return rendering.page("leaving.html", url=url, client_name=name)


def by_form(url: str, fields: Mapping[str, str], name: str) -> Response:
    """On to a provider by a form that the person sends with a visible button."""
    response = rendering.page("form_post.html", url=url, fields=fields, client_name=name)
    return headers.allow_form_to(response, url)


def to_provider(asked: Request, name: str) -> Response:
    """On to a provider with a message, from whatever kind of request."""
    if asked.form is not None:
        return by_form(asked.url, asked.form, name)
    return to_url(asked.url, after_post=request.method == "POST", name=name)


def to_path(path: str) -> Response:
    """On to a path below the tenant's base URL, by 303."""
    return make_response(redirect(f"{tenancy.current().base_url}{path}", 303))
