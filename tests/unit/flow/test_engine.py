"""Two answers to one state of a flow: one lands, the other sees where the flow is now."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory.tenants import Tenant
from app.flow import engine, envelope, store
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.engine import Turn
from app.flow.envelope import Opening
from app.flow.outcome import Finished, Show, Wrong
from app.flow.run import Run
from app.models import OneTime
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, rows

AT_ONCE = 8


def _fresh(tenant: Tenant) -> Run:
    flow = envelope.start(tenant, Opening("sign_in", Account(), Asked(), "a-binding"))
    return Run(tenant, flow, Actor("user", address="203.0.113.9"), "en")


def _loaded(run: Run) -> Run:
    flow = store.load(run.tenant.id, run.flow.id)
    assert flow is not None
    return Run(run.tenant, flow, run.actor, run.locale)


class Completions:
    """Counts how often a flow is completed."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, session: Session, run: Run) -> str:
        self.count += 1
        return "done"


def _screen(turn: Turn) -> str:
    assert isinstance(turn.outcome, Show | Wrong)
    return turn.outcome.screen.name


def test_a_double_submit_of_the_first_form_is_one_flow(make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    run, complete = _fresh(tenant), Completions()
    for _ in range(2):
        turn = engine.answer(run, "continue", {"email": user.email}, complete)
        assert (_screen(turn), turn.flow.version) == ("email_code", 1)
    assert len(make.mails(tenant)) == 1
    assert len(rows(OneTime, tenant)) == 1


def test_a_double_submit_of_the_last_form_finishes_once(make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    run, complete = _fresh(tenant), Completions()
    engine.answer(run, "continue", {"email": user.email}, complete)
    run = _loaded(run)
    first = engine.answer(run, "continue", {"password": PASSWORD}, complete)
    second = engine.answer(run, "continue", {"password": PASSWORD}, complete)
    assert first.outcome == Finished("done")
    assert (_screen(second), second.flow.is_finished) == ("notice", True)
    assert complete.count == 1


def test_a_completion_that_fails_leaves_the_flow_where_it_was(make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    run, complete = _fresh(tenant), Completions()
    engine.answer(run, "continue", {"email": user.email}, complete)
    run, code = _loaded(run), {"code": make.code(tenant, user.email)}

    def breaks(session: Session, run: Run) -> Any:
        raise ZeroDivisionError

    for _ in range(2):
        try:
            engine.answer(run, "continue", code, breaks)
        except ZeroDivisionError:
            assert _loaded(run).flow == run.flow
    assert "email_code.succeeded" not in make.events(tenant)
    turn = engine.answer(run, "continue", code, complete)
    assert turn.outcome == Finished("done")


def test_o02_the_right_code_at_once_finishes_once(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    run, complete = _fresh(tenant), Completions()
    engine.answer(run, "continue", {"email": user.email}, complete)
    run, code = _loaded(run), make.code(tenant, user.email)
    together = Barrier(AT_ONCE)

    def answer(_: int) -> bool:
        with app.app_context():
            together.wait()
            turn = engine.answer(run, "continue", {"code": code}, complete)
            return isinstance(turn.outcome, Finished)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        finished = list(pool.map(answer, range(AT_ONCE)))
    assert finished.count(True) == 1
    assert complete.count == 1
    assert make.events(tenant).count("email_code.succeeded") == 1


def test_o01_wrong_codes_at_once_are_compared_five_times(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant, password=None)
    run, complete = _fresh(tenant), Completions()
    engine.answer(run, "continue", {"email": user.email}, complete)
    run = _loaded(run)
    wrong = "000000" if make.code(tenant, user.email) != "000000" else "000001"
    together = Barrier(AT_ONCE)

    def guess(_: int) -> str:
        with app.app_context():
            together.wait()
            outcome = engine.answer(run, "continue", {"code": wrong}, complete).outcome
            assert isinstance(outcome, Wrong)
            return outcome.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(guess, range(AT_ONCE)))
    assert codes.count("wrong_code") == 4
    assert codes.count("code_locked") == AT_ONCE - 4
    assert [row.attempts for row in rows(OneTime, tenant)] == [5]
