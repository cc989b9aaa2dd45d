"""The delivery log: found by filters, every attempt with its reason, dead letters sent again."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.config import Settings
from app.database import named, read, write
from app.delivery import delivery_log
from app.delivery.delivery_log import Filter, NothingToSend, PersonMustAsk
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.purge import run_once
from tests.delivery.mailing import attempts, drain, queue, sending
from tests.doubles.smtp_server import SmtpServer

_PAYLOADS = named(
    "SELECT id FROM outbox_message WHERE tenant_id = :tenant_id AND sealed_payload IS NOT NULL"
)
_ATTEMPTS = named("SELECT id FROM delivery_attempt WHERE tenant_id = :tenant_id")
SUPPORT = Actor("admin", id="usr_1", roles=frozenset({"support"}))
VIEWER = Actor("admin", id="usr_2", roles=frozenset({"viewer"}))


@pytest.fixture
def server(app: Flask, settings: Settings) -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        app.config["AUTHPAGE"] = settings.model_copy(update={"smtp_url": server.url})
        yield server


def _ids(tenant: Tenant, wanted: Filter) -> list[str]:
    with read(tenant.id) as session:
        return [each.id for each in delivery_log.page(session, wanted).items]


def test_each_attempt_is_kept_with_its_reason_and_goes_with_the_message(
    tenant: Tenant, server: SmtpServer
) -> None:
    server.greylisted["jane@example.com"] = 1
    mail = queue(tenant)
    drain()
    clock.move(60)
    drain()
    assert attempts(tenant, mail) == [("retried", "451 to RCPT"), ("sent", None)]
    clock.move(31 * 86_400)
    run_once()
    with read(tenant.id) as session:
        assert session.execute(_ATTEMPTS, {"tenant_id": tenant.id}).all() == []


def test_messages_are_found_by_state_kind_and_masked_recipient(
    tenant: Tenant, server: SmtpServer
) -> None:
    server.answers["gone@example.com"] = "550 No"
    code = queue(tenant, "jane@example.com")
    dead = queue(tenant, "gone@example.com", "password_changed", carries_secret=False)
    drain()
    assert _ids(tenant, Filter()) == [dead, code]
    assert _ids(tenant, Filter(state="dead")) == [dead]
    assert _ids(tenant, Filter(purpose="sign_in_code", channel="mail")) == [code]
    assert _ids(tenant, Filter(recipient="jane@example.com")) == [code]
    assert _ids(tenant, Filter(recipient="g•••@")) == [dead]
    assert _ids(tenant, Filter(recipient="%")) == []


def test_a_dead_letter_is_sent_again_but_never_a_secret(tenant: Tenant, server: SmtpServer) -> None:
    server.answers["gone@example.com"] = "550 No"
    secret = queue(tenant, "gone@example.com")
    notice = queue(tenant, "gone@example.com", "password_changed", carries_secret=False)
    drain()
    with read(tenant.id) as session:
        assert session.execute(_PAYLOADS, {"tenant_id": tenant.id}).scalars().all() == [notice]
    with pytest.raises(PersonMustAsk, match="asks for a new one"), write(tenant.id) as session:
        delivery_log.resend(session, SUPPORT, secret)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        delivery_log.resend(session, VIEWER, notice)
    del server.answers["gone@example.com"]
    with write(tenant.id) as session:
        delivery_log.resend(session, SUPPORT, notice)
    drain()
    assert server.recipients == ["gone@example.com"]
    assert sending(tenant, notice).state == "sent"
    assert [outcome for outcome, _ in attempts(tenant, notice)] == ["dead", "sent"]
    with pytest.raises(NothingToSend), write(tenant.id) as session:
        delivery_log.resend(session, CLI, notice)


def test_x_a_message_of_another_tenant_is_none(tenant: Tenant, server: SmtpServer) -> None:
    with pytest.raises(NotFound), write(tenant.id) as session:
        delivery_log.resend(session, CLI, "msg_00000000000000000000000000")
