"""G1, G2, F01, F05, H06: whatever counts once counts once, however many ask at the same moment."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from flask import Flask

from app import clock, completion, limits, single_use
from app.actor import SYSTEM
from app.database import write
from app.directory.tenants import Tenant
from app.limits import Limit
from app.oidc import codes, families, refresh_tokens
from app.oidc.claims_request import ClaimsRequest
from app.oidc.codes import Content
from app.security import random_token
from tests.factories import REDIRECT_URI, Factory, MadeClient, MadeUser
from tests.races.crowd import MANY, Comparisons, at_once

WINDOW = 20


@dataclass
class Scene:
    """A tenant with a person and a client."""

    app: Flask
    tenant: Tenant
    user: MadeUser
    client: MadeClient

    def code(self) -> str:
        """An authorization code for the person."""
        content = Content(
            client_id=self.client.id,
            user_id=self.user.id,
            session_id=None,
            grant_id=None,
            organization_id=None,
            redirect_uri=REDIRECT_URI,
            scopes=("openid",),
            claims=ClaimsRequest(),
            auth_time=clock.now(),
            amr=("pwd",),
            acr=None,
            nonce=None,
            code_challenge=None,
        )
        with write(self.tenant.id) as session:
            return codes.issue(session, self.tenant, content)

    def refresh_token(self) -> str:
        """The first refresh token of a new family."""
        code = self.code()
        with write(self.tenant.id) as session:
            consumed = codes.consume(session, self.tenant, self.client.id, code)
            assert consumed is not None
            family = families.open_family(session, self.tenant, consumed, refreshable=True)
        assert family is not None
        return refresh_tokens.token_of(family)


@pytest.fixture
def scene(app: Flask, make: Factory) -> Scene:
    tenant = make.tenant(lifetimes={"refresh_grace": 0})
    return Scene(app, tenant, make.user(tenant), make.client(tenant))


def _issued(scene: Scene, kind: str, secret: str, tries: int) -> str:
    with write(scene.tenant.id) as session:
        return single_use.issue(
            session,
            kind,
            subject=scene.user.id,
            binding="here",
            secret=secret,
            lives=600,
            epoch=scene.tenant.epoch,
            max_attempts=tries,
        )


def _one_time(kind: str, scene: Scene) -> Callable[[int], bool]:
    """Redeems a row the way that methods do: count, compare, consume."""
    row_id = _issued(scene, kind, "the secret", MANY)
    tenant = scene.tenant

    def redeem(_number: int) -> bool:
        tried = single_use.try_once(tenant.id, kind, row_id, binding="here", epoch=tenant.epoch)
        if tried is None or not tried.is_secret("the secret"):
            return False
        with write(tenant.id) as session:
            spent = single_use.consume(session, kind, row_id, binding="here", epoch=tenant.epoch)
        return spent is not None

    return redeem


def _authorization_code(scene: Scene) -> Callable[[int], bool]:
    code, tenant = scene.code(), scene.tenant

    def redeem(_number: int) -> bool:
        with write(tenant.id) as session:
            spent = codes.consume(session, tenant, scene.client.id, code)
            return spent is not None and (
                families.open_family(session, tenant, spent, refreshable=True) is not None
            )

    return redeem


def _refresh_token(scene: Scene) -> Callable[[int], bool]:
    token, tenant = scene.refresh_token(), scene.tenant

    def redeem(_number: int) -> bool:
        try:
            refresh_tokens.refresh(tenant, scene.client.id, token, SYSTEM)
        except refresh_tokens.Refused:
            return False
        return True

    return redeem


def _replay_mark(scene: Scene) -> Callable[[int], bool]:
    until, tenant = clock.now() + clock.MINUTE, scene.tenant

    def redeem(_number: int) -> bool:
        with write(tenant.id) as session:
            return single_use.mark(session, "jti", "a foreign value", until=until)

    return redeem


KINDS: dict[str, Callable[[Scene], Callable[[int], bool]]] = {
    "email_code": partial(_one_time, "email_code"),
    "headless_ticket": partial(_one_time, completion.TICKET),
    "authorization_code": _authorization_code,
    "refresh_token_without_grace": _refresh_token,
    "replay_mark": _replay_mark,
}


@pytest.mark.parametrize("kind", KINDS)
def test_g2_of_two_hundred_redemptions_exactly_one_succeeds(scene: Scene, kind: str) -> None:
    answers = at_once(scene.app, KINDS[kind](scene))
    assert Counter(answers) == {True: 1, False: MANY - 1}


def test_g1_of_two_hundred_wrong_guesses_exactly_five_are_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = Comparisons(monkeypatch)
    row_id = _issued(scene, "email_code", "123456", 5)
    tenant = scene.tenant

    def guess(number: int) -> bool:
        row = single_use.try_once(
            tenant.id, "email_code", row_id, binding="here", epoch=tenant.epoch
        )
        return row is not None and row.is_secret(f"{number:06}")

    assert not any(at_once(scene.app, guess))
    assert compared.count == 5


def test_f01_refreshes_within_the_grace_agree_on_one_successor(scene: Scene, make: Factory) -> None:
    tenant = make.tenant(lifetimes={"refresh_grace": 60})
    racing = Scene(scene.app, tenant, make.user(tenant), make.client(tenant))
    token = racing.refresh_token()

    def refresh(_number: int) -> str:
        family, _ = refresh_tokens.refresh(tenant, racing.client.id, token, SYSTEM)
        return refresh_tokens.token_of(family)

    assert len(set(at_once(racing.app, refresh))) == 1


@pytest.mark.parametrize("most", [1, 17])
def test_h06_of_two_hundred_events_exactly_as_many_pass_as_the_limit_says(
    scene: Scene, most: int
) -> None:
    limit = Limit("a.limit", f"key of {most}", most)

    def pass_(_number: int) -> bool:
        return limits.count(scene.tenant.id, limit) is None

    assert sum(at_once(scene.app, pass_)) == most


def test_h06_limits_counted_in_any_order_never_deadlock(scene: Scene) -> None:
    one, other = Limit("one", "key", WINDOW), Limit("other", "key", WINDOW)

    def pass_(number: int) -> bool:
        order = (one, other) if number % 2 else (other, one)
        return limits.count(scene.tenant.id, *order) is None

    assert sum(at_once(scene.app, pass_)) == WINDOW


def test_a_secret_is_worth_nothing_elsewhere(scene: Scene, make: Factory) -> None:
    """O09: kind, tenant, binding and epoch are part of what a row is found by."""
    tenant, other = scene.tenant, make.tenant()
    row_id = _issued(scene, "email_code", secret := random_token(), 5)
    now = tenant.epoch
    for tenant_id, kind, binding, epoch in (
        (tenant.id, completion.TICKET, "here", now),
        (other.id, "email_code", "here", now),
        (tenant.id, "email_code", "there", now),
        (tenant.id, "email_code", "here", now + 1),
    ):
        assert single_use.try_once(tenant_id, kind, row_id, binding=binding, epoch=epoch) is None
    row = single_use.try_once(tenant.id, "email_code", row_id, binding="here", epoch=tenant.epoch)
    assert row is not None
    assert row.attempts == 1
    assert row.is_secret(secret)
