"""A forgotten password: only who reads the mail of this very flow sets a new one."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.database import read
from app.directory import people
from app.models import Session
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import NOBODY, audited, rows, signed_in, tokens
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

NEW_PASSWORD = "a wholly different sentence"


def _recovering(visit: Visit, client: MadeClient, email: str) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=email)
    visitor.submit("recover")
    assert (visitor.screen, visitor.value("email")) == ("identify", email)
    visitor.submit(email=email)
    return visitor


def _hash_of(client: MadeClient, user: MadeUser) -> str | None:
    with read(client.tenant.id) as session:
        person = people.snapshot_of(session, user.id)
    assert person is not None
    return person.password_hash


def test_a_new_password_by_mail(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _recovering(visit, client, user.email)
    assert visitor.screen == "email_code"
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.screen == "new_password"
    visitor.submit(password="short")
    assert visitor.errors == {"password": "error.password_short"}
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.answer is not None
    purposes = [purpose for purpose, _ in make.mails(client.tenant)]
    assert purposes[:2] == ["recovery_code", "password_changed"]
    assert make.events(client.tenant).count("user.recovered") == 1
    for password, is_right in ((PASSWORD, False), (NEW_PASSWORD, True)):
        again = visit(client)
        again.submit(email=user.email)
        again.submit(password=password)
        assert (again.answer is not None) == is_right


def test_an_unknown_address_recovers_nothing_on_the_same_screens(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    known, unknown = (_recovering(visit, client, email) for email in (user.email, NOBODY))
    assert (known.screen, known.actions) == (unknown.screen, unknown.actions)
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["recovery_code", "no_account"]
    for visitor in (known, unknown):
        visitor.submit(code="000000")
    assert (known.screen, known.message) == (unknown.screen, unknown.message)


def test_a02_a_recovery_ends_every_session_and_token(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(), grant_types=["authorization_code", "refresh_token"])
    user = make.user(client.tenant)
    thief = HtmlVisitor(app, client)
    thief.open(scope="openid offline_access")
    thief.submit(email=user.email)
    thief.submit(password=PASSWORD)
    stolen = tokens(app, thief)["refresh_token"]
    visitor = _recovering(visit, client, user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert thief.get(f"{thief.base}/account").status_code == 200
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.answer is not None
    assert thief.get(f"{thief.base}/account").status_code == 303
    ended = [each for each in rows(Session, client.tenant) if each.ended_at is not None]
    assert len(ended) == 1
    form = {
        "grant_type": "refresh_token",
        "refresh_token": stolen,
        "client_id": client.id,
        "client_secret": client.secret or "",
    }
    refused = app.test_client().post(f"{thief.base}/oauth2/token", data=form)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")


def test_a01_a_recovery_is_the_first_proof_of_an_address(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, verified=False)
    visitor = _recovering(visit, client, user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert _hash_of(client, user) is None
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.answer is not None
    assert make.events(client.tenant).count("user.evicted") == 1


def test_recovery_is_not_offered_where_it_is_closed(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods={"recovery_open": False}))
    visitor = visit(client)
    visitor.submit(email=NOBODY)
    assert "recover" not in visitor.actions
    visitor.submit("recover")
    assert (visitor.status, visitor.screen) == (422, "password")


def test_a_recovery_of_headless_clients_starts_there(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open_as("recover")
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.answer is not None


@pytest.mark.parametrize("prompt", ["select_account", "login"])
def test_l06_a_live_session_is_no_mailed_proof(app: Flask, make: Factory, prompt: str) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    clock.move(60)
    visitor.open(prompt=prompt, max_age="1")
    if visitor.screen == "choose_account":
        visitor.choose(user.email)
    visitor.submit(email=user.email)
    visitor.submit("recover")
    assert visitor.screen == "identify"
    visitor.follow(visitor.get(visitor.url))
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    assert visitor.screen == "email_code"
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.screen == "email_code"


_MOVES = st.sampled_from(
    [
        ("recover", {}),
        ("continue", {"email": "{user}"}),
        ("continue", {"password": NEW_PASSWORD}),
        ("continue", {"code": "000000"}),
        ("continue", {"code": "{other}"}),
        ("continue", {}),
        ("resend", {}),
        ("change", {}),
        ("restart", {}),
        ("sign_in", {}),
        ("sign_up", {}),
        ("use:email_code", {}),
        ("use:password", {}),
        ("choose", {"choice": "x"}),
        ("another_account", {}),
        ("back", {}),
        ("reload", {}),
    ]
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=st.lists(_MOVES, min_size=3, max_size=12))
def test_l06_no_order_of_requests_sets_a_password_without_the_mailed_code(
    make: Factory, visit: Visit, moves: list[tuple[str, dict[str, str]]]
) -> None:
    generous = dict.fromkeys(
        ("codes_per_address", "codes_per_network", "codes_per_client", "wrong_codes_per_account"),
        10_000,
    )
    client = make.client(make.tenant(limits=generous))
    user, other = make.user(client.tenant), make.user(client.tenant)
    before = _hash_of(client, user)
    decoy = _recovering(visit, client, other.email)
    assert decoy.screen == "email_code"
    known = {"{user}": user.email, "{other}": make.code(client.tenant, other.email)}
    visitor = visit(client)
    for action, fields in moves:
        if action == "reload" and isinstance(visitor, HtmlVisitor):
            visitor.follow(visitor.get(visitor.url))
        elif action != "reload":
            filled: dict[str, Any] = {k: known.get(v, v) for k, v in fields.items()}
            visitor.submit(action, **filled)
        assert visitor.screen != "new_password"
        assert visitor.answer is None
    assert _hash_of(client, user) == before
    assert audited(client.tenant, "user.password.set") == []


def test_a_password_is_set_once_for_a_code(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _recovering(visit, client, user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    first = visitor.post(password=NEW_PASSWORD)
    assert first.status_code == 200
    after = _hash_of(client, user)
    second = visitor.post(password="yet another sentence")
    assert second.status_code in (303, 409)
    assert _hash_of(client, user) == after


def test_recovery_signs_nobody_else_in(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user, other = make.user(client.tenant), make.user(client.tenant)
    signed_in(visit, make, client, other.email)
    visitor = _recovering(visit, client, user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    visitor.submit("change")
    assert visitor.screen == "identify"
    visitor.submit(email=other.email)
    visitor.submit(password=NEW_PASSWORD)
    assert visitor.screen == "email_code"
