"""G2, K01: a passkey's challenge, its counter and its row count once, however many come at once."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actor import Actor
from app.database import read, write
from app.directory.tenants import Tenant
from app.methods import METHODS, passkey_registration
from app.methods.base import Proved, Refused, Situation, Spent
from app.methods.passkey import request_options
from app.methods.passkey_registration import Holder, creation_options
from app.models import Credential
from tests.doubles.authenticator import Authenticator, Lies
from tests.factories import Factory, MadeUser
from tests.journeys.passkeys import asked, device, equip
from tests.races.crowd import MANY, SOME, at_once
from tests.visitors import HtmlVisitor


def _situation(tenant: Tenant, number: int = 0) -> Situation:
    return Situation(
        tenant=tenant,
        actor=Actor("user"),
        flow_id=f"flw_{number}",
        purpose="sign_in",
        identifier=None,
        locale="en",
        client_id=None,
        client_name=None,
        is_known_device=lambda _user_id: False,
    )


def _landed(situation: Situation, credential: str) -> bool:
    proved = METHODS["passkey"].check(situation, {"credential": credential})
    if isinstance(proved, Refused):
        return False
    assert isinstance(proved, Proved)
    try:
        with write(situation.tenant.id) as session:
            for effect in proved.effects:
                effect(session)
    except Spent:
        return False
    return True


@pytest.fixture
def equipped(app: Flask, make: Factory) -> tuple[Tenant, MadeUser, Authenticator]:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    return tenant, user, authenticator


def test_k01_of_two_hundred_answers_to_one_challenge_exactly_one_counts(
    app: Flask, equipped: tuple[Tenant, MadeUser, Authenticator]
) -> None:
    tenant, _, authenticator = equipped
    situation = _situation(tenant)
    credential = authenticator.get(request_options(situation))
    answers = at_once(app, lambda _: _landed(situation, credential))
    assert Counter(answers) == {True: 1, False: MANY - 1}


def test_of_two_hundred_challenges_with_one_counter_exactly_one_counts(
    app: Flask, equipped: tuple[Tenant, MadeUser, Authenticator]
) -> None:
    tenant, _, authenticator = equipped
    situations = [_situation(tenant, number) for number in range(MANY)]
    copied = [authenticator.get(request_options(each), Lies(counter=5)) for each in situations]
    answers = at_once(app, lambda number: _landed(situations[number], copied[number]))
    assert Counter(answers) == {True: 1, False: MANY - 1}


def _registering(tenant: Tenant, user: MadeUser, credential: str) -> Callable[[int], bool]:
    def register(_number: int) -> bool:
        made = passkey_registration.register(
            tenant,
            Actor("user", user.id),
            user.id,
            binding="here",
            credential=credential,
            label=None,
            locale="en",
        )
        if isinstance(made, Refused):
            return False
        try:
            with write(tenant.id) as session:
                for effect in made:
                    effect(session)
        except Spent:
            return False
        return True

    return register


def test_k01_of_two_hundred_registrations_exactly_one_is_kept(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant, password=None)
    holder = Holder(b"h" * 64, user.email, user.email)
    options = creation_options(tenant, holder, binding="here")
    credential = device(tenant).create(options)
    answers = at_once(app, _registering(tenant, user, credential))
    assert Counter(answers) == {True: 1, False: MANY - 1}
    with read(tenant.id) as session:
        query = select(func.count()).select_from(Credential)
        assert session.scalar(query.where(Credential.tenant_id == tenant.id)) == 1
    assert [purpose for purpose, _ in make.mails(tenant)] == ["passkey_added"]


def test_k01_one_answer_by_fifty_browsers_opens_one_session(
    app: Flask, make: Factory, equipped: tuple[Tenant, MadeUser, Authenticator]
) -> None:
    tenant, _, authenticator = equipped
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open()
    credential = authenticator.get(asked(visitor))
    twins = [_twin(app, visitor) for _ in range(SOME)]
    statuses = at_once(
        app, lambda n: twins[n].post("passkey", credential=credential).status_code, SOME
    )
    assert max(statuses) < 500
    assert make.events(tenant).count("passkey.succeeded") == 1
    assert make.events(tenant).count("user.signed_in") == 1


def _twin(app: Flask, visitor: HtmlVisitor) -> HtmlVisitor:
    """The same browser in another connection."""
    twin = HtmlVisitor(app, visitor.client)
    twin.http._cookies = dict(visitor.http._cookies or {})
    twin.page, twin.url = visitor.page, visitor.url
    return twin
