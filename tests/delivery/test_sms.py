"""Text messages by the tenant's own Twilio, spoken to over real HTTP. (SECURITY Z11, Z14, G7)"""

from collections.abc import Iterator

import pytest
from flask import Flask
from structlog.testing import CapturingLogger

from app import clock
from app.actor import CLI
from app.config import Settings
from app.database import EVERYWHERE, named, read, write
from app.delivery import mailbox, sending, sms_guard
from app.delivery.outbox import queue_mail
from app.delivery.twilio import Account
from app.directory import secrets, tenants
from app.directory.tenants import Tenant
from app.metrics import MAILS, SMS
from app.phones import BadPhone
from tests.delivery.sms import CODE, JANE, KIM, SAM, drain, events, log, outcomes, queue, set_up
from tests.doubles.smtp_server import SmtpServer
from tests.doubles.twilio_server import SENDER, SID, TOKEN, Error, TwilioServer

_SPOIL = named("UPDATE tenant_secret SET sealed = :sealed WHERE tenant_id = :tenant_id")


@pytest.fixture
def twilio(app: Flask, settings: Settings) -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        app.config["AUTHPAGE"] = settings.model_copy(
            update={"twilio_url": server.url, "outbound_allow": (server.address,)}
        )
        yield server


@pytest.fixture
def acme(twilio: TwilioServer, tenant: Tenant) -> Tenant:
    return set_up(tenant)


def test_a_queued_message_is_sent_once_and_its_payload_erased(
    twilio: TwilioServer, acme: Tenant
) -> None:
    (message,) = queue(acme, JANE)
    assert log(acme)[message].recipient == "•••89"
    drain()
    (taken,) = twilio.messages
    assert (taken.to, taken.sender, taken.service) == (JANE, SENDER, None)
    assert taken.body.startswith(f"{CODE} is your code to sign in to Acme.")
    assert taken.body.endswith(f"\n\n@localhost #{CODE}")
    sent = log(acme)[message]
    assert (sent.channel, sent.state, sent.attempts) == ("sms", "sent", 1)
    assert twilio.requests == 1


def test_twilio_may_send_it_only_while_the_code_works(twilio: TwilioServer, acme: Tenant) -> None:
    queue(acme, JANE, lives=600)
    clock.move(570)
    drain()
    assert 1 <= twilio.messages[0].validity <= 30


def test_a_messaging_service_sends_in_place_of_a_number(
    twilio: TwilioServer, tenant: Tenant
) -> None:
    service = "MG0123456789abcdef0123456789abcdef"
    queue(set_up(tenant, sender=service), JANE)
    drain()
    assert (twilio.messages[0].sender, twilio.messages[0].service) == (None, service)


def test_only_whole_numbers_are_queued(acme: Tenant) -> None:
    for number in ("015123456789", "+49", "jane@example.com", ""):
        with pytest.raises(BadPhone):
            queue(acme, number)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 21211), (400, 21408), (400, 21608), (400, 21610), (400, 21614), (400, None)],
)
def test_a_number_that_takes_none_is_given_up_at_once(
    twilio: TwilioServer, acme: Tenant, status: int, code: int | None
) -> None:
    twilio.errors[JANE] = Error(status, code)
    queue(acme, JANE, SAM)
    drain()
    reason = f"{status} from Twilio" + (f" ({code})" if code else "")
    assert outcomes(acme) == [("•••89", "dead", reason), ("•••00", "sent", None)]
    assert twilio.tried[JANE] == 1
    failed = [data for event, data in events(acme) if event == "sms.send_failed"]
    assert failed == [{"purpose": "sign_in_code", "state": "dead", "reason": reason}]


@pytest.mark.parametrize(
    ("status", "code"), [(429, 20429), (500, 20500), (502, None), (503, 20503)]
)
def test_a_fault_in_passing_is_tried_again(
    twilio: TwilioServer, acme: Tenant, status: int, code: int | None
) -> None:
    twilio.errors["*"] = Error(status, code)
    queue(acme, JANE)
    drain()
    assert [state for _, state, _ in outcomes(acme)] == ["queued"]
    assert not twilio.messages
    twilio.errors.clear()
    clock.move(61)
    drain()
    assert [each.to for each in twilio.messages] == [JANE]
    assert [state for _, state, _ in outcomes(acme)] == ["sent"]


def test_z14_codes_expire_unsent_while_twilio_is_down(twilio: TwilioServer, acme: Tenant) -> None:
    twilio.errors["*"] = Error(503, 20503)
    queue(acme, JANE, lives=120)
    drain()
    clock.move(121)
    twilio.errors.clear()
    expired = SMS.labels("expired"), MAILS.labels("expired")
    before = [counter._value.get() for counter in expired]
    drain()
    assert [counter._value.get() for counter in expired] == [before[0] + 1, before[1]]
    assert outcomes(acme) == [("•••89", "expired", "503 from Twilio (20503)")]
    assert not twilio.messages
    assert "sms.send_failed" in [event for event, _ in events(acme)]


def test_a_wrong_token_holds_the_tenants_messages_up_without_trying_each(
    twilio: TwilioServer, tenant: Tenant
) -> None:
    acme = set_up(tenant, token="wrong")
    queue(acme, JANE, SAM, KIM)
    drain()
    assert twilio.requests == 1
    assert {state for _, state, _ in outcomes(acme)} == {"queued"}
    assert {error for _, _, error in outcomes(acme)} == {"401 from Twilio (20003)"}
    set_up(tenant)
    clock.move(61)
    drain()
    assert sorted(each.to for each in twilio.messages) == sorted([JANE, SAM, KIM])


def test_one_tenants_trouble_holds_up_neither_mails_nor_other_tenants(
    app: Flask, twilio: TwilioServer, tenant: Tenant
) -> None:
    with write(EVERYWHERE) as session:
        other_id = tenants.create(session, CLI, "other", "Other")
    other = tenants.by_id(other_id)
    assert other is not None
    broken, fine = set_up(tenant, token="wrong"), set_up(other)
    with SmtpServer() as smtp:
        chosen = app.config["AUTHPAGE"]
        app.config["AUTHPAGE"] = chosen.model_copy(update={"smtp_url": smtp.url})
        queue(broken, JANE)
        queue(fine, SAM)
        queue(broken, KIM)
        _queue_mail(broken)
        drain()
        assert smtp.recipients == ["jane@example.com"]
    assert [each.to for each in twilio.messages] == [SAM]
    assert {error for _, state, error in outcomes(broken) if state == "queued"} == {
        "401 from Twilio (20003)"
    }


def _queue_mail(tenant: Tenant) -> None:

    with write(tenant.id) as session:
        queue_mail(
            session,
            tenant,
            "new_device",
            to="jane@example.com",
            values={"device": "Firefox"},
            locale="en",
            carries_secret=False,
            lives=600,
        )


def test_a_server_that_is_away_sends_nothing_and_costs_nothing(
    app: Flask, twilio: TwilioServer, acme: Tenant
) -> None:
    chosen = app.config["AUTHPAGE"]
    nobody = {"twilio_url": "http://127.0.0.1:9", "outbound_allow": ("127.0.0.1:9",)}
    app.config["AUTHPAGE"] = chosen.model_copy(update=nobody)
    queue(acme, JANE)
    drain()
    assert outcomes(acme) == [("•••89", "queued", "no connection (ConnectError)")]
    with read(acme.id) as session:
        assert sms_guard.sent_today(session) == 0
    app.config["AUTHPAGE"] = chosen
    clock.move(61)
    drain()
    assert [each.to for each in twilio.messages] == [JANE]


def test_o13_what_may_have_been_sent_is_counted_before_it_is_sent_again(
    twilio: TwilioServer, tenant: Tenant
) -> None:
    acme = set_up(tenant, most_a_day=3)
    assert sms_guard.allow(acme, JANE) is None
    twilio.loses_answers = True
    queue(acme, JANE)
    for _ in range(10):
        drain()
        clock.move(30)
    assert len(twilio.messages) == 3
    ((_, state, error),) = outcomes(acme)
    assert state == "dead"
    assert error is not None
    assert error.endswith("; the day is full")


def test_no_number_code_or_token_is_logged_or_kept_in_the_clear(
    twilio: TwilioServer,
    acme: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = CapturingLogger()  # What the log's own redaction would hide must not come that far.
    monkeypatch.setattr(sending, "_log", logger)
    twilio.errors[JANE] = Error(400, 21610, f"{JANE} said STOP to {CODE}")
    twilio.errors[SAM] = Error(500, 20500, f"{SAM} {TOKEN}")
    twilio.errors[KIM] = Error(401, 20003, f"{KIM} {TOKEN}")
    queue(acme, JANE, SAM, KIM)
    drain()
    said = repr(logger.calls)
    for line in ("sms_given_up", "sms_not_sent", "sms_server_away"):
        assert line in said
    said += repr(log(acme)) + repr(events(acme)) + repr(Account(SID, TOKEN, SENDER))
    for secret in (JANE, SAM, KIM, JANE[1:], CODE, TOKEN):
        assert secret not in said


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"code": "<b>"}', b"\xff" * 1_000])
def test_an_answer_that_is_not_twilios_is_repeated_nowhere(
    twilio: TwilioServer, acme: Tenant, answer: bytes
) -> None:
    twilio.answer = answer
    twilio.errors[JANE] = Error(400, 21211)
    queue(acme, JANE)
    drain()
    assert outcomes(acme) == [("•••89", "dead", "400 from Twilio")]


def test_production_speaks_to_twilio_only(settings: Settings) -> None:
    given = {"environment": "production", "twilio_url": "http://127.0.0.1:9"}
    assert "TWILIO_URL is for tests and must not be set." in (
        settings.model_copy(update=given).problems()
    )


def test_the_guarded_client_refuses_a_server_inside(
    app: Flask, twilio: TwilioServer, acme: Tenant
) -> None:
    chosen = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": ()})
    queue(acme, JANE)
    drain()
    assert twilio.requests == 0
    assert outcomes(acme)[0][1] == "queued"


def test_without_an_account_messages_lie_in_the_mailbox_of_development(
    app: Flask, settings: Settings, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    app.config["AUTHPAGE"] = settings.model_copy(update={"environment": "development"})
    queue(tenant, JANE)
    drain()
    (kept,) = mailbox.messages(settings, JANE)
    assert (kept.to, kept.code, kept.link, kept.html) == (JANE, CODE, None, "")
    assert kept.text.rstrip().endswith(f"@localhost #{CODE}")
    assert CODE not in capsys.readouterr().err


def test_in_production_there_is_no_mailbox_to_lie_in(app: Flask, tenant: Tenant) -> None:
    chosen = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = chosen.model_copy(update={"environment": "production"})
    queue(tenant, JANE)
    drain()
    assert outcomes(tenant) == [("•••89", "queued", "Twilio is not set up")]
    assert mailbox.messages(chosen) == []


def test_a_token_that_cannot_be_unsealed_stops_messages_and_no_mails(
    twilio: TwilioServer, acme: Tenant
) -> None:
    with write(acme.id) as session:
        session.execute(_SPOIL, {"tenant_id": acme.id, "sealed": b"\0\1" + b"x" * 40})
    queue(acme, JANE)
    drain()
    assert outcomes(acme) == [("•••89", "queued", "cannot unseal the auth token")]
    assert twilio.requests == 0


def test_a_token_that_was_removed_after_the_message_was_queued_sends_nothing(
    twilio: TwilioServer, acme: Tenant
) -> None:
    queue(acme, JANE)
    with write(acme.id) as session:
        secrets.remove(session, CLI, secrets.OF_TWILIO)
    drain()
    assert outcomes(acme) == [("•••89", "queued", "Twilio is not set up")]
    assert twilio.requests == 0
