"""D06, B06, X13 at the console: whatever an admin types, no route answers 500, and what they typed
is text wherever it is shown again."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.console.matrix import Route, belongings, routes
from tests.console.staff import Staff
from tests.factories import Factory
from tests.security.belongings import Household, household
from tests.visitors import Page

HOSTILE = (
    "",
    '"><script>alert(1)</script>{{ 7*7 }}',
    "=cmd|'/C calc'!A1\r\nX-Injected: yes",
    "-99999999999999999999999999",
    "٣\u202e\u0000\ufeffﷺ💥" + "x" * 5_000,
    '{"a": [1, {"b": null}]}',
    "../../etc/passwd%00",
    "2026-02-31T25:61",
)
pytestmark = pytest.mark.one_database
_NEVER = ("console.leave",)


@pytest.fixture(scope="module")
def house(app: Flask) -> Iterator[Household]:
    with app.app_context():
        yield household(app, Factory())


def test_d06_no_form_of_the_console_answers_500(app: Flask, house: Household) -> None:
    staff, own = Staff(app, house.tenant), belongings(house)
    wrong = []
    for route in routes(app):
        if route.method != "POST" or route.rule.endpoint in _NEVER:
            continue
        path = _path(route, house, own)
        names = _fields_of(staff.get(path).get_data(as_text=True))
        for value in HOSTILE:
            answer = staff.post(path, dict.fromkeys(names, value))
            if answer.status_code >= 500 or "<script>alert" in answer.text:
                wrong.append(f"{route.name} with {value[:30]!r}: {answer.status_code}")
                break
    assert not wrong, "\n".join(wrong)


def test_d06_no_query_of_the_console_answers_500(app: Flask, house: Household) -> None:
    staff, own = Staff(app, house.tenant), belongings(house)
    wrong = []
    for route in routes(app):
        if route.method != "GET":
            continue
        path = _path(route, house, own)
        names = _fields_of(staff.get(path).get_data(as_text=True)) | {"q", "after", "limit"}
        for value in HOSTILE:
            answer = staff.get(path, **dict.fromkeys(names, value))
            if answer.status_code >= 500 or "<script>alert" in answer.text:
                wrong.append(f"{route.name} with {value[:30]!r}: {answer.status_code}")
                break
    assert not wrong, "\n".join(wrong)


def _path(route: Route, house: Household, own: dict[str, str]) -> str:
    given = {name: own[name] for name in route.parameters}
    return route.path(house.tenant.slug, given).removeprefix(f"/console/{house.tenant.slug}")


def _fields_of(html: str) -> set[str]:
    page = Page(html)
    fields = [each for tag in ("input", "textarea", "select") for each in page.all(tag)]
    return {each.get("name") for each in fields if each.get("name")} - {"csrf_token"}
