"""What guards the tenant's money: countries, the day's cap, the breaker of prefixes. (O13)"""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import EVERYWHERE, read, write
from app.delivery import sms_guard, sms_readiness
from app.delivery.sms_guard import LEAST_SENT, BlockedPrefix, allow
from app.directory import secrets, tenants
from app.directory.tenants import Tenant
from app.metrics import SMS_PREFIXES_BLOCKED, SMS_REFUSED
from app.phones import BadPhone
from tests.delivery.sms import JANE, KIM, SAM, events, set_up

PREMIUM, PREMIUM_PREFIX = "+41446681800", "+4144668"
SAME_PREFIX = "+41446681234"
OTHER_PREFIX = "+41446691234"


@pytest.fixture
def acme(tenant: Tenant) -> Tenant:
    return set_up(tenant)


def _convert(tenant: Tenant, number: str, times: int = 1) -> None:
    for _ in range(times):
        with write(tenant.id) as session:
            sms_guard.note_converted(session, tenant, number)


def _sent_today(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        return sms_guard.sent_today(session)


def _blocked(tenant: Tenant) -> list[BlockedPrefix]:
    with read(tenant.id) as session:
        return sms_guard.blocked_prefixes(session)


def _pump(tenant: Tenant, times: int = LEAST_SENT) -> None:
    """Have that many codes sent that nobody types in."""
    assert [allow(tenant, PREMIUM) for _ in range(times)] == [None] * times


@pytest.mark.parametrize("will_send", [True, False])
@pytest.mark.parametrize("number", ["+449098790123", "+499001234567", "+19002345678"])
def test_o13_premium_numbers_get_nothing(acme: Tenant, number: str, will_send: bool) -> None:
    assert allow(acme, number, will_send=will_send) == "premium"
    assert _sent_today(acme) == 0


@pytest.mark.parametrize(
    ("sms", "allowed"),
    [
        ({}, {JANE, SAM, KIM}),
        ({"allow_countries": ["DE", "CH"]}, {JANE, SAM}),
        ({"deny_countries": ["DE"]}, {SAM, KIM}),
        ({"allow_countries": ["DE", "CH"], "deny_countries": ["DE"]}, {SAM}),
    ],
)
def test_o13_messages_go_to_allowed_countries_and_denial_wins(
    tenant: Tenant, sms: dict[str, Any], allowed: set[str]
) -> None:
    acme = set_up(tenant, **sms)
    refusals = {number: allow(acme, number) for number in (JANE, SAM, KIM)}
    assert {number for number, refusal in refusals.items() if refusal is None} == allowed
    assert {each for each in refusals.values() if each} <= {"country"}
    assert _sent_today(acme) == len(allowed)


def test_o13_a_number_outside_any_country_is_allowed_only_where_all_are(tenant: Tenant) -> None:
    satellite = "+881612345678"
    assert allow(set_up(tenant), satellite) is None
    assert allow(set_up(tenant, allow_countries=["DE"]), satellite) == "country"


def test_only_numbers_are_asked_about(acme: Tenant) -> None:
    for text in ("015123456789", "", "+49", "jane"):
        with pytest.raises(BadPhone):
            allow(acme, text)


def test_o13_nothing_is_sent_past_the_cap_of_the_day(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=2)
    assert [allow(acme, number) for number in (JANE, SAM, KIM, JANE)] == [
        None,
        None,
        "full",
        "full",
    ]
    assert _sent_today(acme) == 2
    told = [data for event, data in events(acme) if event == "sms.day_full"]
    assert told == [{"sent": 2}]


def test_o13_a_raised_cap_has_room_for_no_more_than_it_adds(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=1)
    assert [allow(acme, JANE) for _ in range(5)] == [None, *["full"] * 4]
    raised = set_up(tenant, most_a_day=3)
    assert [allow(raised, JANE) for _ in range(3)] == [None, None, "full"]


def test_o13_a_cap_of_nothing_sends_nothing(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=0)
    assert allow(acme, JANE) == "full"
    assert not sms_guard.allow_again(acme)
    assert _sent_today(acme) == 0


def test_the_cap_starts_anew_at_midnight_utc(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=1)
    seconds_left = (clock.DAY - clock.now() % clock.DAY) // clock.SECOND
    assert [allow(acme, JANE), allow(acme, JANE)] == [None, "full"]
    clock.move(seconds_left + 1)
    assert [allow(acme, JANE), allow(acme, JANE)] == [None, "full"]


def test_a_full_day_counts_nothing_against_the_prefix(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=1)
    refusals = [allow(acme, PREMIUM) for _ in range(LEAST_SENT * 2)]
    assert refusals == [None, *["full"] * (LEAST_SENT * 2 - 1)]
    raised = set_up(tenant, most_a_day=1_000)
    assert allow(raised, PREMIUM) is None


def test_o13_a_prefix_whose_codes_do_not_come_back_is_blocked_and_told_once(acme: Tenant) -> None:
    alerts = SMS_PREFIXES_BLOCKED._value.get()
    _pump(acme)
    assert [allow(acme, number) for number in (PREMIUM, SAME_PREFIX)] == ["blocked"] * 2
    assert allow(acme, OTHER_PREFIX) is None
    assert _sent_today(acme) == LEAST_SENT + 1
    told = [data for event, data in events(acme) if event == "sms.prefix_blocked"]
    assert told == [{"prefix": PREMIUM_PREFIX, "sent": LEAST_SENT, "converted": 0}]
    assert SMS_PREFIXES_BLOCKED._value.get() == alerts + 1
    (found,) = _blocked(acme)
    assert (found.prefix, found.sent, found.converted) == (PREMIUM_PREFIX, LEAST_SENT, 0)


def test_o13_a_prefix_with_enough_conversion_stays_open(acme: Tenant) -> None:
    _pump(acme, LEAST_SENT - 1)
    _convert(acme, PREMIUM, 2)
    _pump(acme, 1)
    assert allow(acme, PREMIUM) is None  # 2 of 20 are 10 %.
    assert allow(acme, PREMIUM) == "blocked"  # 2 of 21 are less.


def test_o13_codes_that_come_back_late_open_the_prefix_again(acme: Tenant) -> None:
    _pump(acme)
    assert allow(acme, PREMIUM) == "blocked"
    _convert(acme, PREMIUM)
    assert allow(acme, PREMIUM) == "blocked"
    _convert(acme, PREMIUM)
    assert allow(acme, PREMIUM) is None
    assert _blocked(acme) == []


def test_o13_a_block_ends_after_an_hour_and_the_count_starts_anew(acme: Tenant) -> None:
    _pump(acme)
    assert allow(acme, PREMIUM) == "blocked"
    clock.move(3_590)
    assert allow(acme, PREMIUM) == "blocked"
    clock.move(11)
    _pump(acme)
    assert allow(acme, PREMIUM) == "blocked"


def test_a_slow_trickle_is_no_attack(acme: Tenant) -> None:
    _pump(acme, LEAST_SENT - 1)
    clock.move(3_601)
    _pump(acme, LEAST_SENT)


def test_the_tenant_may_choose_the_conversion_or_none(tenant: Tenant) -> None:
    acme = set_up(tenant, least_conversion=0)
    _pump(acme, LEAST_SENT * 2)
    strict = set_up(tenant, least_conversion=100)
    _convert(strict, PREMIUM, LEAST_SENT * 2 - 1)
    assert allow(strict, PREMIUM) == "blocked"
    _convert(strict, PREMIUM)
    assert allow(strict, PREMIUM) is None


def test_tenants_have_counters_of_their_own(acme: Tenant) -> None:

    with write(EVERYWHERE) as session:
        other_id = tenants.create(session, CLI, "other", "Other")
    found = tenants.by_id(other_id)
    assert found is not None
    other = set_up(found)
    _pump(acme)
    assert allow(acme, PREMIUM) == "blocked"
    assert allow(other, PREMIUM) is None
    assert (_sent_today(acme), _sent_today(other)) == (LEAST_SENT, 1)
    assert _blocked(other) == []


def test_looking_counts_nothing_and_answers_the_same(tenant: Tenant) -> None:
    acme = set_up(tenant, most_a_day=LEAST_SENT, deny_countries=["DE"])
    looked = [allow(acme, PREMIUM, will_send=False) for _ in range(LEAST_SENT + 5)]
    assert looked == [None] * (LEAST_SENT + 5)
    assert _sent_today(acme) == 0
    assert allow(acme, JANE, will_send=False) == "country"
    _pump(acme)
    assert allow(acme, KIM, will_send=False) == "full"
    assert allow(acme, PREMIUM, will_send=False) == "blocked"
    assert allow(acme, PREMIUM) == "blocked"


def test_refusals_are_counted_for_whoever_watches(tenant: Tenant) -> None:
    counter = SMS_REFUSED.labels("country")
    before = counter._value.get()
    allow(set_up(tenant, deny_countries=["DE"]), JANE)
    assert counter._value.get() == before + 1


def test_z14_a_tenant_whose_twilio_is_not_set_up_sends_nothing(app: Flask, tenant: Tenant) -> None:
    half = set_up(tenant, token=None)
    assert sms_readiness.missing(half) == ("auth_token",)
    assert not sms_readiness.is_ready(half)
    assert allow(half, JANE) == "not_ready"
    assert sms_readiness.is_ready(set_up(tenant))
    senderless = set_up(tenant, sender=None)
    assert sms_readiness.missing(senderless) == ("sender",)
    assert not sms_readiness.is_ready(senderless)


def test_without_an_account_only_development_is_ready(app: Flask, tenant: Tenant) -> None:
    assert sms_readiness.missing(tenant) == ("account_sid", "sender", "auth_token")
    assert sms_readiness.is_ready(tenant)
    chosen = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = chosen.model_copy(update={"environment": "production"})
    assert not sms_readiness.is_ready(tenant)
    app.config["AUTHPAGE"] = chosen.model_copy(update={"smtp_url": "smtp://mail.example"})
    assert not sms_readiness.is_ready(tenant)


def test_a_test_tenant_whose_codes_are_known_needs_no_twilio(app: Flask, tenant: Tenant) -> None:
    codes = tenant.settings.codes.model_copy(update={"fixed": "123456"})
    known = tenant.settings.model_copy(update={"codes": codes})
    chosen = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = chosen.model_copy(update={"environment": "production"})
    assert sms_readiness.is_ready(replace(tenant, kind="test", settings=known))
    assert not sms_readiness.is_ready(replace(tenant, kind="live", settings=known))


def test_a_token_that_is_stored_or_removed_counts_at_once(tenant: Tenant) -> None:

    acme = set_up(tenant, token=None)
    assert not sms_readiness.is_ready(acme)
    set_up(tenant)
    assert sms_readiness.is_ready(acme)
    with write(acme.id) as session:
        secrets.remove(session, CLI, secrets.OF_TWILIO)
    assert not sms_readiness.is_ready(acme)
