"""D06 at the console: whatever an owner sends to any page, nothing breaks."""

import re
from collections import Counter
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.matrix import belongings, routes
from tests.console.staff import Staff
from tests.factories import Factory
from tests.security.belongings import household
from tests.security.noise import Noise

pytestmark = pytest.mark.one_database
_FIELD = re.compile(r'name="([a-z_]+)"')
_ENDINGS = ("console.disable_tenant", "console.end_everything", "console.remove", "console.erase")
"""What would take away what the others are about; sent last."""
_SENT = 2
"""Requests to each route, the first of them with nothing spoiled."""


class Blind(FlaskClient):
    """A test client that sees nothing of the test's own application context."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        return Context().run(super().open, *arguments, **options)


def test_d06_nothing_that_an_owner_sends_to_the_console_answers_500(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a page echoes may be no valid HTML here; that it is no markup, other tests look at.
    house = household(app, make)
    monkeypatch.setattr(app, "test_client_class", Blind)
    staff, noise, own = Staff(app, house.tenant), Noise(7, ("openid",)), belongings(house)
    noise._belongings = sorted({*own.values(), "2", "owner", "de"})
    known = sorted(routes(app), key=lambda route: route.rule.endpoint.startswith(_ENDINGS))
    broken: list[str] = []
    statuses: Counter[int] = Counter()
    for route in known:
        for turn in range(_SENT):
            given = {name: own[name] for name in route.parameters}
            if turn == 1:
                given |= {name: noise.value() or "x" for name in given if noise.happens(0.3)}
            path = route.path(house.tenant.slug, {k: v[:300] for k, v in given.items()})
            path = path.partition(f"/{house.tenant.slug}")[2]
            if route.method == "GET":
                query = {} if turn == 0 else {n: noise.value() for n in ("q", "after", "kind")}
                status = staff.get(path, **query).status_code
            else:
                fields = _FIELD.findall(staff.get(path).get_data(as_text=True))
                sent = {n: noise.value() for n in {*fields} - {"csrf_token"}} if turn else {}
                status = staff.post(path, sent).status_code
            statuses[status] += 1
            if status >= 500:
                broken.append(f"{route.name} {path} turn {turn}: {status}")
    assert not broken, "\n".join(broken)
    assert statuses[200] + statuses[303] > statuses.total() / 3, "Many must be right."
