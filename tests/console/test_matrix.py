"""X01, X02, X04, G13: every route of the console with every role, and with what belongs to another
tenant."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.console.door import PERMISSION_OF
from app.directory.permissions import ORGANIZATION_ADMIN, PERMISSIONS, ROLES
from tests.console.matrix import FOREIGN, NAMES, OUTSIDE, SLUG, Route, belongings, routes
from tests.console.staff import Staff
from tests.factories import Factory
from tests.security.belongings import Household, household, rows_of


@pytest.fixture(scope="module")
def houses(app: Flask) -> Iterator[tuple[Household, Household]]:
    with app.app_context():
        yield household(app, Factory()), household(app, Factory())


def test_every_route_says_what_it_takes(app: Flask) -> None:
    known = {str(rule.endpoint) for rule in app.url_map.iter_rules() if rule.endpoint}
    of_console = {each for each in known if each.startswith("console.")} - OUTSIDE
    unguarded = of_console - PERMISSION_OF.keys()
    assert not unguarded, f"{sorted(unguarded)}: guard these views with for_admin"
    unknown = {each for each in PERMISSION_OF.values() if each} - PERMISSIONS.keys()
    assert not unknown, f"{sorted(unknown)}: add a row to app/directory/permissions.py"
    without = [route.name for route in routes(app) if SLUG not in route.rule.arguments]
    assert not without, f"{without}: begin these addresses with <tenant_slug>"


def test_every_parameter_is_known_to_the_matrix(app: Flask) -> None:
    used = {name for route in routes(app) for name in route.parameters}
    unknown = used - FOREIGN.keys() - NAMES.keys()
    assert not unknown, f"{sorted(unknown)}: say in tests/console/matrix.py what these are"


@pytest.mark.one_database
@pytest.mark.parametrize("role", [*ROLES, ORGANIZATION_ADMIN])
def test_x04_every_page_and_act_is_for_the_roles_of_the_table(
    app: Flask, houses: tuple[Household, Household], role: str
) -> None:
    home = houses[0]
    of_organization = home.has.organization_id if role == ORGANIZATION_ADMIN else None
    staff = Staff(app, home.tenant, role, of_organization)
    made_up = {name: f"{name[:3]}_nobody" for name in FOREIGN} | NAMES
    wrong = []
    for route in routes(app):
        may = _may(route, role)
        if may and route.method != "GET":
            continue  # What is allowed is done by the tests of its page.
        given = {name: made_up[name] for name in route.parameters}
        status = _send(staff, route, home.tenant.slug, given).status_code
        if (status == 403) == may or status >= 500:
            wrong.append(f"{route.name} as {role}: {status}, permission {route.permission}")
    assert not wrong, "\n".join(wrong)


def test_x01_a_role_at_one_tenant_shows_nothing_of_another(
    app: Flask, houses: tuple[Household, Household]
) -> None:
    home, other = houses
    staff = Staff(app, home.tenant)
    theirs = belongings(other)
    before, wrong = rows_of(other.tenant), []
    for route in routes(app):
        given = {name: theirs[name] for name in route.parameters}
        answer = _send(staff, route, other.tenant.slug, given)
        if answer.status_code != 404:
            wrong.append(f"{route.name} at the other tenant: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert rows_of(other.tenant) == before


def test_x01_ids_of_another_tenant_are_as_if_they_did_not_exist(
    app: Flask, houses: tuple[Household, Household]
) -> None:
    home, other = houses
    staff = Staff(app, home.tenant)
    own, theirs = belongings(home), belongings(other)
    before, wrong = rows_of(other.tenant), []
    for route in routes(app):
        for name in route.parameters:
            if name not in FOREIGN:
                continue
            given = {each: own[each] for each in route.parameters} | {name: theirs[name]}
            status = _send(staff, route, home.tenant.slug, given).status_code
            if status != 404:
                wrong.append(f"{route.name} with another tenant's {name}: {status}")
    assert not wrong, "\n".join(wrong)
    assert rows_of(other.tenant) == before


def test_nobody_sees_anything_without_a_session(
    app: Flask, houses: tuple[Household, Household]
) -> None:
    staff = Staff(app, houses[0].tenant)
    staff.http.delete_cookie("authpage_console", domain="localhost", path="/t/console")
    own = belongings(houses[0])
    wrong = []
    for route in routes(app):
        given = {name: own[name] for name in route.parameters}
        answer = _send(staff, route, houses[0].tenant.slug, given)
        if answer.status_code != 303 or "/oauth2/authorize" not in answer.headers["Location"]:
            wrong.append(f"{route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _may(route: Route, role: str) -> bool:
    """Whether the table lets somebody of this role in. A delegated admin has nothing but what is
    at an address of their own organization, which a made-up one is not."""
    if route.permission is None:
        return True
    return role != ORGANIZATION_ADMIN and role in PERMISSIONS[route.permission].admin_roles


def _send(staff: Staff, route: Route, slug: str, given: dict[str, str]) -> TestResponse:
    path = route.path(slug, given)
    url = f"{staff.console.base_url}{path}"
    if route.method == "GET":
        return staff.http.get(url)
    headers = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
    data = {"csrf_token": staff.csrf_token, "confirmed": "yes"}
    return staff.http.open(url, method=route.method, data=data, headers=headers)
