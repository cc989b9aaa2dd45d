"""Idempotency keys: one act for one key, also when two requests come at once."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import clients, idempotency
from app.directory.idempotency import Answer, Claim, InProgress, KeyReused
from app.directory.tenants import Tenant
from app.models import Client, IdempotencyKey

REQUEST = {"name": "Shop"}


def asked(tenant: Tenant, key: str, actor: Actor = CLI, name: str = "Shop") -> Answer:
    with write(tenant.id) as session:

        def act() -> Answer:
            client, secret = clients.create(session, CLI, name=name)
            return Answer(201, {"id": client.id, "secret": secret})

        return idempotency.once(session, actor, key, {"name": name}, act)


def made(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        query = select(func.count(Client.id)).where(Client.tenant_id == tenant.id)
        return session.scalar(query) or 0


def test_repeated_request_acts_once_and_gets_the_same_answer(tenant: Tenant) -> None:
    first, second = asked(tenant, "k"), asked(tenant, "k")
    assert first == second
    assert made(tenant) == 1


def test_another_request_under_the_same_key_is_refused(tenant: Tenant) -> None:
    asked(tenant, "k")
    with pytest.raises(KeyReused):
        asked(tenant, "k", name="Store")
    assert made(tenant) == 1


def test_keys_of_two_actors_or_tenants_have_nothing_to_do_with_each_other(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    answers = [
        asked(tenant, "k"),
        asked(tenant, "k", Actor("client", "cli_x")),
        asked(other_tenant, "k"),
    ]
    assert len({str(answer.body["id"]) for answer in answers}) == 3


def test_key_is_free_again_after_a_day(tenant: Tenant) -> None:
    asked(tenant, "k")
    clock.move(86_401)
    asked(tenant, "k", name="Store")
    assert made(tenant) == 2


def test_failed_act_leaves_the_key_free(tenant: Tenant) -> None:
    def fail() -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError), write(tenant.id) as session:
        idempotency.once(session, CLI, "k", REQUEST, fail)
    assert asked(tenant, "k").status == 201


def test_answer_is_kept_sealed(tenant: Tenant) -> None:
    answer = asked(tenant, "k")
    with read(tenant.id) as session:
        query = select(IdempotencyKey).where(IdempotencyKey.tenant_id == tenant.id)
        row = session.scalars(query).one()
    assert str(answer.body["secret"]) not in str(row.body)


def test_of_parallel_requests_one_acts(tenant: Tenant, directory_app: Flask) -> None:
    answers: list[Answer] = []

    def ask() -> None:
        with directory_app.app_context():
            answers.append(asked(tenant, "k"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({str(answer.body["id"]) for answer in answers}) == 1
    assert made(tenant) == 1


def test_a_claim_is_held_until_it_is_answered(tenant: Tenant) -> None:
    held = idempotency.claim(tenant.id, CLI, "k", REQUEST)
    assert isinstance(held, Claim)
    with pytest.raises(InProgress):
        idempotency.claim(tenant.id, CLI, "k", REQUEST)
    idempotency.answer(held, Answer(201, {"id": "1"}))
    assert idempotency.claim(tenant.id, CLI, "k", REQUEST) == Answer(201, {"id": "1"})
    with pytest.raises(KeyReused):
        idempotency.claim(tenant.id, CLI, "k", {"name": "Store"})
    clock.move(86_400 - 60)
    assert isinstance(idempotency.claim(tenant.id, CLI, "k", REQUEST), Answer)


def test_a_claim_that_was_released_or_whose_holder_died_is_free_again(tenant: Tenant) -> None:
    held = idempotency.claim(tenant.id, CLI, "k", REQUEST)
    assert isinstance(held, Claim)
    idempotency.release(held)
    assert isinstance(idempotency.claim(tenant.id, CLI, "k", REQUEST), Claim)
    clock.move(61)
    assert isinstance(idempotency.claim(tenant.id, CLI, "k", REQUEST), Claim)
