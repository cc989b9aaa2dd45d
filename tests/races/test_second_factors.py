"""M01, M04: a time step and a recovery code count once, however many come with it at one moment."""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from flask import Flask

from app.actor import Actor
from app.database import read, write
from app.directory import authenticators, recovery_codes
from app.directory.tenants import Tenant
from app.methods import METHODS
from app.methods.base import Proved, Refused, Situation, Spent
from tests.factories import Factory, MadeUser
from tests.journeys.second import after_password, code_of, new_step
from tests.races.crowd import MANY, at_once
from tests.visitors import Visit

GENEROUS = {"wrong_codes_per_account": 100_000}
FLOWS = 20
"""Whole sign-ins at once, each on a browser of its own."""


def _situation(tenant: Tenant, user: MadeUser, number: int) -> Situation:
    return Situation(
        tenant=tenant,
        actor=Actor("user"),
        flow_id=f"flw_{number}",
        purpose="second",
        identifier=None,
        user_id=user.id,
        locale="en",
        client_id=None,
        client_name=None,
        is_known_device=lambda _user_id: False,
    )


def _proving(tenant: Tenant, user: MadeUser, answers: Mapping[str, str]) -> Callable[[int], str]:
    """Checks a code in a flow of its own and lands it, as the engine does."""

    def prove(number: int) -> str:
        result = METHODS["totp"].check(_situation(tenant, user, number), answers)
        if isinstance(result, Refused):
            return result.code
        assert isinstance(result, Proved)
        try:
            with write(tenant.id) as session:
                for effect in result.effects:
                    effect(session)
        except Spent:
            return "spent"
        return "proved"

    return prove


def test_m01_one_time_step_is_accepted_once(app: Flask, make: Factory) -> None:
    tenant = make.tenant(limits=GENEROUS)
    user = make.user(tenant)
    secret = make.authenticator(tenant, user)
    new_step()
    outcomes = Counter(at_once(app, _proving(tenant, user, {"code": code_of(secret)})))
    assert outcomes["proved"] == 1
    assert outcomes["spent"] + outcomes["wrong_code"] == MANY - 1


def test_m04_one_recovery_code_is_accepted_once(app: Flask, make: Factory) -> None:
    tenant = make.tenant(limits=GENEROUS)
    user = make.user(tenant)
    make.authenticator(tenant, user)
    codes = make.recovery_codes(tenant, user)
    outcomes = Counter(at_once(app, _proving(tenant, user, {"code": codes[0]})))
    assert outcomes["proved"] == 1
    assert outcomes["spent"] + outcomes["wrong_code"] == MANY - 1
    with read(tenant.id) as session:
        assert recovery_codes.count(session, user.id) == recovery_codes.HOW_MANY - 1
    assert [purpose for purpose, _ in make.mails(tenant)] == ["recovery_code_used"]


def test_of_parallel_wrong_codes_exactly_ten_are_compared(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    secret = make.authenticator(tenant, user)
    outcomes = Counter(at_once(app, _proving(tenant, user, {"code": code_of(secret, 9)})))
    assert outcomes == {"wrong_code": 10, "rate_limited": MANY - 10}


def test_of_parallel_new_sets_of_recovery_codes_one_is_left(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    sets = [recovery_codes.new_codes() for _ in range(FLOWS)]

    def replace(number: int) -> None:
        with write(tenant.id) as session:
            recovery_codes.replace(session, Actor("cli"), user.id, sets[number])

    at_once(app, replace, FLOWS)
    with read(tenant.id) as session:
        assert recovery_codes.count(session, user.id) == recovery_codes.HOW_MANY


def test_nobody_gets_more_authenticators_than_one_may_have(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)

    def add(_number: int) -> bool:
        try:
            make.authenticator(tenant, user)
        except authenticators.TooMany:
            return False
        return True

    assert sum(at_once(app, add, FLOWS)) == authenticators.MOST


@pytest.mark.parametrize("factor", ["totp", "recovery_code"])
def test_m01_m04_of_many_sign_ins_with_one_code_one_arrives(
    app: Flask, make: Factory, visit: Visit, factor: str
) -> None:
    tenant = make.tenant(limits=GENEROUS)
    user, client = make.user(tenant), make.client(tenant)
    secret = make.authenticator(tenant, user)
    code = code_of(secret, 1) if factor == "totp" else make.recovery_codes(tenant, user)[0]
    visitors = [after_password(visit, client, user) for _ in range(FLOWS)]
    at_once(app, lambda number: visitors[number].submit(code=code), FLOWS)
    arrived = [visitor for visitor in visitors if visitor.answer is not None]
    assert len(arrived) == 1
    assert {visitor.status for visitor in visitors if visitor.answer is None} == {422}
