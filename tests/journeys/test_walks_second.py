"""Random walks where two factors are due (L06, M06): nobody arrives with one, nobody is stuck."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from tests.factories import Factory
from tests.journeys.moves import claims
from tests.journeys.walks import walks
from tests.journeys.walks_second import CarefulWalker
from tests.visitors import Visit

DEMANDS: dict[str, tuple[dict[str, Any], bool]] = {
    "has an app": ({"mfa": "optional"}, True),
    "must have one and does": ({"mfa": "required"}, True),
    "must set one up": ({"mfa": "required"}, False),
    "may put it off": ({"mfa": "required", "enrolments_put_off": 1}, False),
}
PROVEN = {"totp.succeeded", "recovery_code.used", "factor.added"}


def _assert_due(app: Flask, walker: CarefulWalker, demands: dict[str, Any]) -> None:
    """Two factors, both proven here; or one, counted as put off, or of a new user who has none."""
    found = claims(app, walker.visitor)
    events = walker.make.events(walker.tenant)
    assert found["auth_time"] >= walker.began_at
    if "mfa" in found["amr"]:
        assert found["acr"] == "urn:authpage:acr:2fa"
        assert PROVEN & set(events)
    else:
        assert found["acr"] == "urn:authpage:acr:1fa"
        is_free = demands["mfa"] == "optional" and found["sub"] != walker.user.id
        assert is_free or "user.enrolment_put_off" in events


@pytest.mark.parametrize(("demands", "has"), DEMANDS.values(), ids=DEMANDS)
@walks(3)
@given(data=st.data())
def test_m06_no_walk_arrives_with_one_factor_where_two_are_due(
    app: Flask, make: Factory, visit: Visit, demands: dict[str, Any], has: bool, data: st.DataObject
) -> None:
    clock.put_back()
    walker = CarefulWalker.begin(make, visit, demands, has)
    walker.wander(data)
    _assert_due(app, walker, demands)
