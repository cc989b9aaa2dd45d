"""The browser's part in front of the double of a provider: it goes where it is sent, and brings
back what it is given, by redirect or by form."""

import http.client
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit, urlunsplit


@dataclass(frozen=True)
class Returned:
    """Where the provider sends the browser, and with what."""

    target: str
    parameters: dict[str, str]
    is_posted: bool
    """Whether it is a form to post, and not a redirect."""


class Stuck(Exception):
    """The provider shows the person an error, and sends them nowhere."""


def visit(url: str) -> Returned:
    """Open an authorization URL, where the scripted person signs in at once; raises `Stuck`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    if answer.status == 302:
        there = urlsplit(answer.headers["Location"])
        given = {name: values[0] for name, values in parse_qs(there.query).items()}
        return Returned(urlunsplit(there._replace(query="")), given, is_posted=False)
    if answer.status != 200:
        raise Stuck(body)
    form = _Form()
    form.feed(body)
    return Returned(form.action, form.fields, is_posted=True)


class _Form(HTMLParser):
    """The one form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        if tag == "input":
            self.fields[given["name"]] = given["value"]
