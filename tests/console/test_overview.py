"""The overview: events counted once by the worker, and drawn for everybody."""

import re

from app import clock
from app.actor import SYSTEM
from app.audit import counting, events, sealing
from app.audit.log import record
from app.console import chart
from app.database import read, write
from app.directory import figures
from app.directory.figures import Figures
from tests.console.staff import Staff
from tests.factories import Factory


def _happened(staff: Staff, event: str, times: int = 1, **data: object) -> None:
    with write(staff.tenant.id) as session:
        for _ in range(times):
            record(session, event, SYSTEM, data=dict(data))


def _seal() -> None:
    """Let the worker seal everything, as it does some time later."""
    clock.move(120)
    while sealing.run_once():
        pass


def _figures(staff: Staff, days: int = 7) -> Figures:
    with read(staff.tenant.id) as session:
        return figures.of_days(session, days)


def test_each_event_is_counted_once_by_method_and_day(staff: Staff) -> None:
    _happened(staff, events.USER_SIGNED_IN, 3, methods=["password", "totp"])
    _happened(staff, events.USER_SIGNED_IN, 2, methods=["passkey"])
    _happened(staff, events.USER_SIGNED_IN)
    _happened(staff, events.USER_SIGNED_UP)
    _happened(staff, events.PASSWORD_FAILED, 4)
    _happened(staff, events.PASSWORD_LIMITED)
    _happened(staff, events.USER_UPDATED)
    _seal()
    _seal()
    found = _figures(staff)
    assert {name: sum(each) for name, each in found.sign_ins.items()} == {
        "password": 3,
        "passkey": 2,
        "other": 1,
    }
    assert next(iter(found.sign_ins)) == "password"
    assert found.totals == {"sign_ins": 6, "sign_ups": 1, "failures": 5}
    assert list(found.failures) == ["password"]
    assert (len(found.days), found.days[1] - found.days[0]) == (7, clock.DAY)


def test_days_pass_and_another_tenant_is_not_counted(staff: Staff, make: Factory) -> None:
    _happened(staff, events.USER_SIGNED_UP)
    clock.move(2 * 86_400)
    _happened(staff, events.USER_SIGNED_UP, 2)
    _seal()
    assert [each for each in _figures(staff).sign_ups if each] == [1, 2]
    with read(make.tenant().id) as session:
        assert counting.since(session, 0) == []


def test_the_page_draws_and_says_the_same_numbers(staff: Staff) -> None:
    staff.get("/overview")
    assert "Nothing to draw yet." in staff.words
    _happened(staff, events.USER_SIGNED_IN, 3, methods=["password"])
    _happened(staff, events.USER_SIGNED_IN, 1, methods=["passkey"])
    _seal()
    answer = staff.get("/overview", days="30")
    assert "4 in 30 days" in staff.words
    assert 'role="img"' in answer.text
    assert "at most 4 on one day" in answer.text
    assert len(re.findall(r'<rect class="series-[01]" x=', answer.text)) == 2
    assert staff.words.count("Password") >= 2
    staff.get("/overview", days="9999")
    assert "7 days" in staff.words


def test_protection_is_that_of_the_newest_people(staff: Staff, make: Factory) -> None:
    for number in range(3):
        make.user(staff.tenant, f"jane{number}@example.com")
    with read(staff.tenant.id) as session:
        found = figures.coverage(session)
    assert (found.people, found.with_second, found.with_passkey) == (3, 0, 0)
    assert "0 % (0 of 3)" in staff.get("/overview").text


def test_bars_stand_on_each_other_and_fit_in() -> None:
    drawn = chart.stacked([0, 1], {"a": [1, 0], "b": [3, 2]})
    assert (drawn.most, drawn.total, drawn.names) == (4, 6, ("a", "b"))
    first, second, third = drawn.bars
    assert (first.height, second.height, third.height) == (40, 120, 80)
    assert (first.y, second.y, third.y) == (120, 0, 80)
    assert drawn.rows == ((0, (1, 3)), (1, (0, 2)))


def test_more_methods_than_colours_share_the_last_one() -> None:
    drawn = chart.stacked([0], {str(number): [1] for number in range(9)})
    assert drawn.names == ("0", "1", "2", "3", "4", "other")
    assert drawn.rows == ((0, (1, 1, 1, 1, 1, 4)),)


def test_an_empty_chart_draws_nothing() -> None:
    assert chart.stacked([0, 1], {}).total == 0
    assert chart.stacked([0], {"a": [0]}).bars == ()
