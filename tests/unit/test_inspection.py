"""The inspection of pages sees what it promises to see."""

import pytest

from tests.inspection import faults_of

HEAD = '<!doctype html><html lang="en" dir="ltr"><head><title>A page</title></head><body>'
GOOD = f"{HEAD}<main><h1>A page</h1></main></body></html>"


def test_a_good_page_has_no_faults() -> None:
    assert list(faults_of(GOOD)) == []


@pytest.mark.parametrize(
    ("addition", "fault"),
    [
        ("<h1>Another</h1>", "2 <h1>"),
        ("<main>Another</main>", "2 <main>"),
        ('<p id="a"></p><p id="a"></p>', "id a is given 2 times"),
        ('<input name="email">', "has no label"),
        ('<label for="gone">Gone</label>', "points nowhere"),
        ('<button form="gone">Go</button>', "points nowhere"),
        ("<button></button>", "has no words"),
        ('<img src="/a.png">', "has no alt"),
        ('<img alt="" src="https://elsewhere.example/a.png">', "from elsewhere"),
        ('<script src="//elsewhere.example/a.js"></script>', "from elsewhere"),
        ("<script>go()</script>", "inline <script>"),
        ("<style>p{}</style>", "inline <style>"),
        ('<p style="color:red">red</p>', "inline style"),
        ('<p onclick="go()">go</p>', "inline onclick"),
        ('<a href="javascript:go()">go</a>', "runs a script"),
        ('<form method="post" action="/a"></form>', "no CSRF token"),
        ('<form method="post" action="https://elsewhere.example"></form>', "a form posts to"),
        ("<p><div></div></p>", "invalid HTML"),
    ],
)
def test_a_broken_promise_is_named(addition: str, fault: str) -> None:
    page = GOOD.replace("</body>", f"{addition}</body>")
    assert any(fault in found for found in faults_of(page))
