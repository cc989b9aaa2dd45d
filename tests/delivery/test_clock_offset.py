"""SECURITY Z18: the clock follows the database."""

import pytest
from flask import Flask

from app import clock, clock_offset
from app.database import is_sqlite


def test_the_clock_follows_a_database_elsewhere(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's clock is put an hour back; ours must tell the database's time."""
    real = clock.of_machine
    monkeypatch.setattr(clock, "of_machine", lambda: real() - clock.HOUR)
    try:
        offset = clock_offset.follow()
        behind = abs(clock.now() - real())
    finally:
        clock.follow_database(0)
    if is_sqlite():
        assert offset == 0
    else:
        assert abs(offset - clock.HOUR) < clock.MINUTE
        assert behind < clock.MINUTE


def test_small_offsets_do_not_make_the_clock_tremble(app: Flask) -> None:
    assert abs(clock_offset.follow()) < clock.MINUTE
    before = clock.database_offset()
    clock_offset.follow()
    assert clock.database_offset() == before
    clock.follow_database(0)
