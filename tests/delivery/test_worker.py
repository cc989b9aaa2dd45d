"""The worker: SECURITY Z11, Z13, Z23, G7, on both databases, against a real SMTP server."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import clock, worker
from app.actor import CLI
from app.audit import log as audit_log
from app.config import Settings
from app.database import EVERYWHERE, Session, named, read, write
from app.delivery import leases, outbox, sending
from app.delivery.outbox import Sending, queue_mail
from app.delivery.sender import NotNow
from app.directory import tenants
from app.directory.tenants import Tenant
from tests.doubles.smtp_server import SmtpServer

CODE = "042917"
HOUR = 3_600

_PAYLOADS = named(
    "SELECT id FROM outbox_message WHERE tenant_id = :tenant_id AND sealed_payload IS NOT NULL"
)
_BODIES = named("SELECT sealed_payload FROM outbox_message WHERE tenant_id = :tenant_id")


@pytest.fixture
def server(app: Flask, settings: Settings, tenant: Tenant) -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        app.config["AUTHPAGE"] = settings.model_copy(update={"smtp_url": server.url})
        yield server


def _queue(tenant: Tenant, *recipients: str, lives: int = 600) -> list[str]:
    with write(tenant.id) as session:
        return [_queue_one(session, tenant, each, lives) for each in recipients]


def _queue_one(session: Session, tenant: Tenant, to: str, lives: int) -> str:
    return queue_mail(
        session,
        tenant,
        "sign_in_code",
        to=to,
        values={"code": CODE, "minutes": "10"},
        locale="en",
        carries_secret=True,
        lives=lives,
    )


def _log(tenant: Tenant) -> dict[str, Sending]:
    with read(tenant.id) as session:
        return {each.id: each for each in outbox.list_page(session, limit=100).items}


def _states(tenant: Tenant) -> list[str]:
    return [each.state for each in _log(tenant).values()]


def _payloads_left(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        return len(session.execute(_PAYLOADS, {"tenant_id": tenant.id}).all())


def _events(tenant: Tenant) -> list[tuple[str, Any]]:
    with read(tenant.id) as session:
        entries = audit_log.list_page(session).items
    return [(each.event, each.data.get("reason")) for each in entries]


def _drain(rounds: int = 50) -> None:
    for _ in range(rounds):
        if not worker.run_once():
            return
    raise AssertionError("never done")


def test_a_queued_mail_is_delivered_once_and_its_payload_erased(
    server: SmtpServer, tenant: Tenant
) -> None:
    (mail,) = _queue(tenant, "Jane@Example.com")
    assert _log(tenant)[mail].recipient == "J•••@example.com"
    _drain()
    assert server.recipients == ["Jane@example.com"]
    plain = server.received[0].mail.get_body(("plain",))
    assert plain is not None
    assert CODE in plain.get_content()
    sent = _log(tenant)[mail]
    assert (sent.state, sent.attempts, sent.last_error) == ("sent", 1, None)
    assert _payloads_left(tenant) == 0


def test_the_payload_is_sealed_at_rest(tenant: Tenant) -> None:
    _queue(tenant, "jane@example.com")
    with read(tenant.id) as session:
        (sealed,) = session.execute(_BODIES, {"tenant_id": tenant.id}).scalars()
    assert CODE.encode() not in sealed
    assert b"jane" not in sealed


def test_a_mail_of_a_rolled_back_transaction_does_not_exist(
    server: SmtpServer, tenant: Tenant
) -> None:
    class Broken(Exception):
        pass

    def act() -> None:
        with write(tenant.id) as session:
            _queue_one(session, tenant, "jane@example.com", 600)
            raise Broken

    with pytest.raises(Broken):
        act()
    assert worker.run_once() == 0
    assert server.received == []


def test_g7_nothing_is_lost_while_the_server_is_away(server: SmtpServer, tenant: Tenant) -> None:
    server.stop()
    recipients = [f"person{number}@example.com" for number in range(60)]
    _queue(tenant, *recipients, lives=HOUR)
    for _ in range(30):
        worker.run_once()
        clock.move(60)
    assert server.received == []
    assert set(_states(tenant)) == {"queued"}
    server.start()
    clock.move(61)
    _drain()
    assert sorted(server.recipients) == sorted(recipients)
    assert set(_states(tenant)) == {"sent"}


def test_one_outage_costs_one_connection_a_round(
    server: SmtpServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.breaks_at = {"connect"}
    _queue(tenant, *(f"person{number}@example.com" for number in range(20)))
    assert worker.run_once() == 20
    assert server.connections == 1
    assert worker.run_once() == 0


def test_z11_expired_codes_are_never_delivered_late(server: SmtpServer, tenant: Tenant) -> None:
    server.stop()
    _queue(tenant, "late@example.com", lives=600)
    _queue(tenant, "patient@example.com", lives=HOUR)
    worker.run_once()
    clock.move(601)
    server.start()
    _drain()
    assert server.recipients == ["patient@example.com"]
    assert sorted(_states(tenant)) == ["expired", "sent"]
    assert _payloads_left(tenant) == 0
    assert [event for event, _ in _events(tenant) if event != "tenant.created"] == [
        "email_code.send_failed",
        "outbox.dead",
    ]


def test_z11_one_bad_address_blocks_nobody_and_dies_at_once(
    server: SmtpServer, tenant: Tenant
) -> None:
    server.answers["gone@example.com"] = "550 5.1.1 gone@example.com is unknown"
    bad, good = _queue(tenant, "gone@example.com", "jane@example.com")
    _drain()
    assert server.recipients == ["jane@example.com"]
    log = _log(tenant)
    assert (log[bad].state, log[bad].last_error) == ("dead", "550 to RCPT")
    assert log[good].state == "sent"
    assert ("outbox.dead", "550 to RCPT") in _events(tenant)
    assert ("email_code.send_failed", "550 to RCPT") in _events(tenant)
    assert _payloads_left(tenant) == 0
    clock.move(300)
    _drain()
    assert server.tried["gone@example.com"] == 1


def test_z11_a_greylisted_mail_comes_through_later(server: SmtpServer, tenant: Tenant) -> None:
    server.greylisted["jane@example.com"] = 2
    (mail,) = _queue(tenant, "jane@example.com")
    for _ in range(3):
        worker.run_once()
        worker.run_once()
        clock.move(61)
    assert server.recipients == ["jane@example.com"]
    assert _log(tenant)[mail].attempts == 3
    assert server.tried["jane@example.com"] == 3


def test_z11_a_mail_that_breaks_the_connection_stops_no_other(
    server: SmtpServer, tenant: Tenant
) -> None:
    _queue(tenant, *(f"person{number}@example.com" for number in range(5)))
    server.breaks_at = {"content"}
    leased = leases.take(1)
    assert len(leased) == 1
    worker.run_once()
    server.breaks_at = set()
    clock.move(120)
    _drain()
    assert len(server.recipients) == 5


def test_pauses_grow_and_differ(tenant: Tenant) -> None:
    _queue(tenant, *(f"person{number}@example.com" for number in range(20)), lives=30 * HOUR)
    longest = []
    for _ in range(12):
        messages = leases.take(20)
        assert len(messages) == 20
        for message in messages:
            leases.retry(message, NotNow("451 to RCPT"), is_outage=False)
        waits = [each.next_attempt_at - clock.now() for each in _log(tenant).values()]
        assert len(set(waits)) > 1
        longest.append(max(waits))
        clock.move(15 * 60)
    assert longest[0] <= 5 * clock.SECOND < longest[3]
    assert longest[-1] <= 15 * clock.MINUTE


def test_a_worker_that_dies_between_lease_and_send_loses_nothing(
    server: SmtpServer, tenant: Tenant
) -> None:
    (mail,) = _queue(tenant, "jane@example.com")
    assert [each.id for each in leases.take(10)] == [mail]  # And then its process is gone.
    assert worker.run_once() == 0
    clock.move(leases.LEASE / clock.SECOND + 1)
    _drain()
    assert server.recipients == ["jane@example.com"]
    assert _log(tenant)[mail].attempts == 2


def test_a_late_report_of_an_old_lease_changes_nothing(tenant: Tenant) -> None:
    (mail,) = _queue(tenant, "jane@example.com", lives=HOUR)
    (old,) = leases.take(10)
    clock.move(leases.LEASE / clock.SECOND + 1)
    (new,) = leases.take(10)
    leases.give_up(old, "550 to RCPT")
    leases.retry(old, NotNow("451 to RCPT"), is_outage=False)
    leases.release(old)
    assert _log(tenant)[mail].state == "queued"
    assert leases.take(10) == []
    leases.sent(new)
    assert _log(tenant)[mail].state == "sent"


def test_z13_several_workers_take_each_message_once(
    app: Flask, server: SmtpServer, tenant: Tenant
) -> None:
    recipients = [f"person{number}@example.com" for number in range(80)]
    _queue(tenant, *recipients)
    start = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            start.wait()
            while worker.run_once(limit=7):
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.recipients) == sorted(recipients)
    assert {each.attempts for each in _log(tenant).values()} == {1}


def test_a_stopping_worker_hands_back_what_it_has_not_sent(
    server: SmtpServer, tenant: Tenant
) -> None:
    _queue(tenant, "a@example.com", "b@example.com")
    stop = threading.Event()
    stop.set()
    worker.run_once(stop=stop)
    assert server.received == []
    assert {each.attempts for each in _log(tenant).values()} == {0}
    _drain()
    assert len(server.recipients) == 2


def test_the_thread_delivers_and_stops_when_told(
    app: Flask, server: SmtpServer, tenant: Tenant
) -> None:
    stop = threading.Event()

    def work() -> None:
        with app.app_context():
            worker.run_forever(stop)

    thread = threading.Thread(target=work)
    thread.start()
    _queue(tenant, "jane@example.com")
    while not server.received:
        assert thread.is_alive()
        stop.wait(0.02)
    stop.set()
    thread.join()
    assert server.recipients == ["jane@example.com"]


def test_a_round_that_fails_is_survived(
    app: Flask, server: SmtpServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = sending.deliver, iter([RuntimeError("once")])

    def deliver(*args: Any, **kwargs: Any) -> int:
        for failure in failures:
            raise failure
        return real(*args, **kwargs)

    monkeypatch.setattr(sending, "deliver", deliver)
    monkeypatch.setattr(worker, "_TROUBLE_SECONDS", 0.01)
    test_the_thread_delivers_and_stops_when_told(app, server, tenant)


def test_a_payload_that_cannot_be_opened_is_dead_and_stops_no_other(
    app: Flask, server: SmtpServer, tenant: Tenant
) -> None:
    bad, good = _queue(tenant, "bad@example.com", "good@example.com")
    spoil = named(
        "UPDATE outbox_message SET sealed_payload = :spoilt"
        " WHERE tenant_id = :tenant_id AND id = :id"
    )
    with write(tenant.id) as session:
        session.execute(spoil, {"tenant_id": tenant.id, "id": bad, "spoilt": b"\x00" * 40})
    _drain()
    log = _log(tenant)
    assert (log[bad].state, log[good].state) == ("dead", "sent")


def test_the_log_is_read_in_pages_and_shows_no_body(tenant: Tenant) -> None:
    ids = _queue(tenant, *(f"person{number}@example.com" for number in range(5)))
    with read(tenant.id) as session:
        first = outbox.list_page(session, limit=3)
        rest = outbox.list_page(session, limit=3, after=first.next_cursor)
        assert outbox.list_page(session, state="dead").items == ()
    assert [each.id for each in (*first.items, *rest.items)] == sorted(ids, reverse=True)
    assert rest.next_cursor is None
    assert CODE not in repr(first)


def test_tenants_share_the_worker_and_not_their_mails(server: SmtpServer, tenant: Tenant) -> None:
    other = _second_tenant()
    _queue(tenant, "jane@example.com")
    _queue(other, "jane@example.com")
    _drain()
    assert len(server.received) == 2
    assert {each.mail["Subject"].split()[-1] for each in server.received} == {"Acme", "Beta"}
    assert len(_log(tenant)) == len(_log(other)) == 1


def _second_tenant() -> Tenant:
    with write(EVERYWHERE) as session:
        tenant_id = tenants.create(session, CLI, "beta", "Beta")
    found = tenants.by_id(tenant_id)
    assert found is not None
    return found
