"""A browser without scripts, cookies or patience: it fetches pages and submits their first form."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin


@dataclass(frozen=True)
class Page:
    """What an address answered."""

    status: int
    location: str | None
    text: str


@dataclass(frozen=True)
class Form:
    """The first form of a page."""

    action: str
    fields: dict[str, str]


def fetch(url: str, form: Mapping[str, str] | None = None) -> Page:
    """GET the address, or POST the form; redirects are not followed."""
    body = None if form is None else urlencode(form).encode()
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body), timeout=30) as answer:
            return Page(answer.status, None, answer.read().decode())
    except urllib.error.HTTPError as answer:
        with answer:
            return Page(answer.code, answer.headers.get("Location"), answer.read().decode())


def form_of(url: str, form: Mapping[str, str] | None = None) -> Form:
    """The form on the page at the address, or on the one that a form leads to."""
    reader = _FormReader()
    reader.feed(fetch(url, form).text)
    return Form(urljoin(url, reader.action), reader.fields)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        if tag == "input" and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None
