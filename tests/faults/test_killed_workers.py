"""G3, Z01, Z02: workers are killed under load, and nothing is doubled, lost or half done."""

import pytest

from tests.faults.conftest import Serve
from tests.faults.load import Load, demand_nothing_lost

FEW, MANY = 3, 200


def _kill_and_compare(serve: Serve, database_kind: str, kills: int) -> None:
    running, app, target = serve(workers=2 if database_kind == "postgresql" else 1)
    load = Load(app, running.port, target)
    load.start()
    killed = 0
    try:
        while killed < kills:
            load.wait_for(3, running.supervise)
            killed += running.kill_worker()
            running.supervise()
    finally:
        ledger = load.stop()
    assert load.acknowledged > kills
    demand_nothing_lost(ledger, target)


def test_g3_killed_workers_lose_and_double_nothing(serve: Serve, database_kind: str) -> None:
    _kill_and_compare(serve, database_kind, FEW)


@pytest.mark.slow
def test_g3_two_hundred_killed_workers_lose_and_double_nothing(
    serve: Serve, database_kind: str
) -> None:
    _kill_and_compare(serve, database_kind, MANY)
