"""C01, C11 at the console: no other site makes it do anything, and looking changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.federation import saml_keys
from tests.console.matrix import Route, belongings, routes
from tests.console.staff import Staff
from tests.factories import Factory
from tests.security.belongings import Household, household, rows_of

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def house(app: Flask) -> Iterator[Household]:
    with app.app_context():
        yield household(app, Factory())


def test_c01_no_form_is_taken_from_another_site_or_without_its_token(
    app: Flask, house: Household
) -> None:
    staff, own = Staff(app, house.tenant), belongings(house)
    before, wrong = rows_of(house.tenant), []
    token = {"csrf_token": staff.csrf_token, "confirmed": "yes"}
    ways = (
        (token, {"Sec-Fetch-Site": "cross-site"}),
        (token, {"Origin": "null"}),
        ({"confirmed": "yes"}, {"Sec-Fetch-Site": "same-origin"}),
    )
    for route in routes(app):
        for data, headers in ways if route.method != "GET" else ():
            answer = staff.http.open(
                _url(staff, route, house, own), method=route.method, data=data, headers=headers
            )
            if answer.status_code not in (400, 403):
                wrong.append(f"{route.name} with {headers}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert rows_of(house.tenant) == before


def test_c11_looking_changes_nothing(app: Flask, house: Household) -> None:
    staff, own = Staff(app, house.tenant), belongings(house)
    with app.app_context():
        saml_keys.of_tenant(house.tenant.id)  # Made by whoever needs it first.
    before, wrong = rows_of(house.tenant), []
    for route in routes(app):
        if route.method == "GET":
            staff.http.get(_url(staff, route, house, own))
            after = rows_of(house.tenant)
            if after != before:
                wrong.append(f"{route.name}: {_differing(before, after)}")
                before = after
    assert not wrong, "\n".join(wrong)


def _url(staff: Staff, route: Route, house: Household, own: dict[str, str]) -> str:
    given = {name: own[name] for name in route.parameters}
    return f"{staff.console.base_url}{route.path(house.tenant.slug, given)}"


def _differing(before: dict[str, list[tuple[Any, ...]]], after: Any) -> list[str]:
    return [name for name in before if before[name] != after[name]]
