"""Random walks over everything that is offered: never a dead end, never in without what is due."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from tests.factories import Factory
from tests.journeys.moves import CODES_ONLY, PASSWORDS_ONLY, claims
from tests.journeys.walks import Policy, Walker, walks
from tests.visitors import HtmlVisitor, Visit

_THIRD_PARTY = {"is_first_party": False, "name": "Planner"}
POLICIES = {
    "plain": Policy(),
    "codes only": Policy(methods=CODES_ONLY),
    "passwords only": Policy(methods=PASSWORDS_ONLY),
    "unproven address": Policy(verified=False),
    "new account": Policy(asked={"prompt": "create"}, organizations={"creation_open": True}),
    "many organizations": Policy(memberships=9, organizations={"choice": "required"}),
    "none, may create": Policy(organizations={"choice": "required", "creation_open": True}),
    "one asked for": Policy(memberships=2, asked={"organization": "company-1"}),
    "closed": Policy(methods={"sign_up_open": False, "recovery_open": False}),
}


def _assert_due(app: Flask, walker: Walker, policy: Policy) -> None:
    """Whoever got a code proved themselves in this flow, and all that policy demands is there."""
    if "code" not in (walker.visitor.answer or {}):
        assert (walker.visitor.answer or {})["error"] == "access_denied"
        return
    found = claims(app, walker.visitor)
    events = walker.make.events(walker.tenant)
    assert found["auth_time"] >= walker.began_at
    assert set(found["amr"]) <= {"pwd", "otp"}
    assert "email_code.succeeded" in events or "pwd" in found["amr"]
    if "otp" in found["amr"]:
        assert "email_code.succeeded" in events
    if policy.organizations.get("choice") == "required":
        assert found["org_id"]
    if "organization" in policy.asked:
        assert found["org_id"] == walker.organizations[1]
    if policy.client:
        assert "consent.granted" in events
    if not policy.verified:
        assert "user.email.verified" in events or "user.signed_up" in events


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@walks(3)
@given(data=st.data())
def test_no_walk_is_a_dead_end_or_a_way_around(
    app: Flask, make: Factory, visit: Visit, policy: Policy, data: st.DataObject
) -> None:
    clock.put_back()
    walker = Walker.of(make, visit, policy)
    walker.wander(data)
    _assert_due(app, walker, policy)


@walks(3)
@given(data=st.data())
def test_no_walk_gets_past_consent(app: Flask, make: Factory, data: st.DataObject) -> None:
    clock.put_back()
    policy = Policy(client=_THIRD_PARTY, memberships=2)

    def visit(client: object, **asked: str) -> HtmlVisitor:
        visitor = HtmlVisitor(app, client)  # type: ignore[arg-type]
        visitor.open(**asked)
        return visitor

    walker = Walker.of(make, visit, policy)
    walker.wander(data)
    _assert_due(app, walker, policy)


@walks(3)
@given(data=st.data(), demand=st.sampled_from(["login", "max_age", "select_account"]))
def test_no_walk_keeps_a_proof_that_is_too_old(
    app: Flask, make: Factory, data: st.DataObject, demand: str
) -> None:
    clock.put_back()
    asked = {"login": {"prompt": "login"}, "max_age": {"max_age": "60"}}.get(
        demand, {"prompt": "select_account", "max_age": "60"}
    )
    browser: list[HtmlVisitor] = []

    def visit(client: object, **parameters: str) -> HtmlVisitor:
        visitor = HtmlVisitor(app, client)  # type: ignore[arg-type]
        visitor.open(**parameters)
        browser.append(visitor)
        return visitor

    walker = Walker.of(make, visit, Policy())
    walker.find_the_way_out()
    clock.move(120)
    walker.began_at = clock.now_seconds() - (0 if demand == "login" else 60)
    walker.visitor.open(**asked)
    walker.wander(data, 1, 7)
    _assert_due(app, walker, Policy())
