"""D06, B06, X13 at the console: whatever an admin types, no route answers 500, and what they typed
is text wherever it is shown again."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask

from tests.console.matrix import Route, belongings, routes
from tests.console.staff import Staff
from tests.factories import Factory
from tests.security.belongings import Household, household
from tests.visitors import Page

MARKUP = '"><script>alert(1)</script>{{ 7*7 }}'
HOSTILE = (
    "",
    "=cmd|'/C calc'!A1\r\nX-Injected: yes",
    "-99999999999999999999999999",
    "٣\u202e\ufeffﷺ💥" + "x" * 1_500,
    '{"a": [1, {"b": null}]}',
    "../../etc/passwd%00",
    "2026-02-31T25:61",
)
pytestmark = pytest.mark.one_database
_LAST = ("console.disable", "console.remove", "console.delete", "console.end_everything")
"""What would take away what the others are about."""
_PAGING = {"q", "after", "limit"}

Forms = dict[tuple[str, str], set[str]]
"""Method and path -> the names of the fields that pages send there."""


class Typist:
    """Fills forms in: every field with markup, then with what no text may hold, later with one
    hostile value after another. Fields of a kind share a parser, so not every field has to meet
    every value."""

    def __init__(self) -> None:
        self._numbers = count()

    def fillings(self, names: set[str], times: int) -> Iterator[dict[str, str]]:
        """Ways to fill in the fields, so many of them mixed."""
        yield dict.fromkeys(names, MARKUP)
        yield dict.fromkeys(names, "a\u0000b")
        for _ in range(times):
            yield {name: HOSTILE[next(self._numbers) % len(HOSTILE)] for name in sorted(names)}


@pytest.fixture(scope="module")
def house(app: Flask) -> Iterator[Household]:
    with app.app_context():
        yield household(app, Factory())


@pytest.fixture(scope="module")
def forms(app: Flask, house: Household) -> Forms:
    """What the pages of the console ask for, by where they send it."""
    staff, own = Staff(app, house.tenant), belongings(house)
    found: Forms = defaultdict(set)
    for route in routes(app):
        path = _path(route, house, own)
        if route.method == "GET" and staff.get(path).mimetype == "text/html":
            for (method, action), names in _forms_of(staff.page):
                found[method, action.partition(f"/{house.tenant.slug}")[2] or path] |= names
    return found


def test_d06_no_form_of_the_console_answers_500(app: Flask, house: Household, forms: Forms) -> None:
    staff, own, typist, wrong = Staff(app, house.tenant), belongings(house), Typist(), []
    anything = set().union(*(names for (method, _), names in forms.items() if method == "post"))
    posts = [route for route in routes(app) if route.method == "POST"]
    for route in sorted(posts, key=lambda each: each.name.startswith(_LAST)):
        path = _path(route, house, own)
        # What no page of this tenant shows just now gets every field that there is.
        for fields in typist.fillings(forms["post", path] or anything, 3):
            answer = staff.post(path, fields)
            if answer.status_code >= 500 or "<script>alert" in answer.text:
                wrong.append(f"{route.name} with {fields!r:.300}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_d06_no_query_of_the_console_answers_500(
    app: Flask, house: Household, forms: Forms
) -> None:
    staff, own, typist, wrong = Staff(app, house.tenant), belongings(house), Typist(), []
    for route in routes(app):
        if route.method != "GET":
            continue
        path = _path(route, house, own)
        for fields in typist.fillings(forms["get", path] | _PAGING, 1):
            answer = staff.get(path, **fields)
            if answer.status_code >= 500 or "<script>alert" in answer.text:
                wrong.append(f"{route.name} with {fields!r:.300}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _path(route: Route, house: Household, own: dict[str, str]) -> str:
    given = {name: own[name] for name in route.parameters}
    return route.path(house.tenant.slug, given).removeprefix(f"/console/{house.tenant.slug}")


def _forms_of(page: Page) -> Iterator[tuple[tuple[str, str], set[str]]]:
    for form in page.all("form"):
        fields = [each.get("name") for each in form.iter("input", "textarea", "select", "button")]
        names = {each for each in fields if each} - {"csrf_token"}
        yield ((form.get("method") or "get").lower(), form.get("action") or ""), names
