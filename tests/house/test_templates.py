"""Pages run under a policy that forbids inline script and style: templates must live without."""

import re
from collections.abc import Iterator

import pytest

from tests.house.sources import files_under, text_of

# A mail is read in a mail program, which knows no policy of ours and needs its style inline.
PAGES = [
    path for path in files_under("templates", "sdk", suffix=".html") if "mail" not in path.parts
]
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
RULES = (
    (
        re.compile(r"<script(?![^>]*\bsrc\s*=)", re.IGNORECASE),
        "inline script: put it into a module under static/js and pass values by data- attributes",
    ),
    (
        re.compile(r"<style\b", re.IGNORECASE),
        "inline style sheet: put it into static/css",
    ),
    (
        re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
        "style attribute: use a class or a data- attribute and a rule in static/css",
    ),
    (
        re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
        "event handler attribute: add the listener in a module under static/js",
    ),
    (
        re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
        "javascript: address: use a form, a link, or a listener in static/js",
    ),
    (
        re.compile(r"\|\s*safe\b"),
        "the safe filter: let Jinja escape, or return Markup from the code that made the HTML",
    ),
)


def _faults(source: str) -> Iterator[str]:
    visible = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), source)
    for pattern, better in RULES:
        for found in pattern.finditer(visible):
            yield f"line {visible.count(chr(10), 0, found.start()) + 1}: {better}"


def test_pages_keep_script_and_style_outside() -> None:
    wrong = [f"{path} {fault}" for path in PAGES for fault in _faults(text_of(path))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        "<script>go()</script>",
        "<style>p{}</style>",
        "<p\n style='color:red'>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        "{{ name | safe }}",
    ],
)
def test_the_rules_see_what_they_forbid(source: str) -> None:
    assert len(list(_faults(source))) == 1


def test_the_rules_let_good_pages_pass() -> None:
    page = (
        '<link rel="stylesheet" href="/static/css/page.css">{# no <style> here #}'
        '<script src="/static/js/passkey.js" type="module"></script>'
        '<p data-style="compact" lang="en">{{ t("identify.title") }}</p>'
    )
    assert list(_faults(page)) == []
