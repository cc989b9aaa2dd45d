"""The text part of a mail, derived from its HTML part, so that both always say the same."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "div", "tr", "table", "li", "ul", "ol", "br", "body"})
_SKIPPED = frozenset({"head", "style", "script", "title"})
_SKIPPED_CLASSES = frozenset({"unread", "unspoken"})
_VOID = frozenset({"br", "img", "meta", "link", "hr", "input"})


def of_html(html: str) -> str:
    """The sentences of `html`, a blank line between paragraphs, each link followed by its URL.

    Left out are the head and elements of the classes `unread` and `unspoken`.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._paragraphs: list[str] = [""]
        self._skipping = 0
        self._url: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag not in _VOID and (
            self._skipping or tag in _SKIPPED or _SKIPPED_CLASSES.intersection(classes)
        ):
            self._skipping += 1
            return
        if tag in _BLOCKS:
            self._paragraphs.append("")
        if tag == "a":
            self._url = given.get("href")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        if tag == "a" and self._url:
            self._paragraphs[-1] += f": {self._url}"
            self._url = None
        if tag in _BLOCKS:
            self._paragraphs.append("")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._paragraphs[-1] += data

    def text(self) -> str:
        lines = (re.sub(r"\s+", " ", each).strip() for each in self._paragraphs)
        return "\n\n".join(line for line in lines if line) + "\n"
