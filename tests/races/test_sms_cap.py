"""Many codes by SMS at the same moment: O13, exactly as many pass as the tenant pays for."""

from flask import Flask

from app.database import read, write
from app.delivery import sms_guard
from app.delivery.sms_guard import LEAST_SENT
from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.races.crowd import MANY, at_once

CAP = 37
NUMBER = "+41446681800"


def _number(index: int) -> str:
    """A number of a prefix that it shares with few others."""
    return f"+49151{index % 90 + 10}456{index:03d}"


def _sent_today(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        return sms_guard.sent_today(session)


def test_o13_exactly_as_many_messages_pass_as_the_cap_allows(app: Flask, make: Factory) -> None:
    tenant = make.tenant(sms={"most_a_day": CAP, "least_conversion": 0})
    refusals = at_once(app, lambda index: sms_guard.allow(tenant, _number(index)))
    assert refusals.count(None) == CAP
    assert refusals.count("full") == MANY - CAP
    assert _sent_today(tenant) == CAP
    assert make.events(tenant).count("sms.day_full") == 1


def test_o13_exactly_as_many_messages_go_to_a_prefix_before_it_is_blocked(
    app: Flask, make: Factory
) -> None:
    tenant = make.tenant()
    refusals = at_once(app, lambda _: sms_guard.allow(tenant, NUMBER))
    assert refusals.count(None) == LEAST_SENT
    assert refusals.count("blocked") == MANY - LEAST_SENT
    assert _sent_today(tenant) == LEAST_SENT
    assert make.events(tenant).count("sms.prefix_blocked") <= 1
    assert sms_guard.allow(tenant, NUMBER) == "blocked"
    assert make.events(tenant).count("sms.prefix_blocked") == 1


def test_o13_no_conversion_is_lost_among_many(app: Flask, make: Factory) -> None:
    tenant = make.tenant(sms={"least_conversion": 100})
    for _ in range(LEAST_SENT):
        assert sms_guard.allow(tenant, NUMBER) is None

    def convert(_: int) -> None:
        with write(tenant.id) as session:
            sms_guard.note_converted(session, tenant, NUMBER)

    at_once(app, convert, LEAST_SENT - 1)
    assert sms_guard.allow(tenant, NUMBER) == "blocked"
    convert(0)
    assert sms_guard.allow(tenant, NUMBER) is None
