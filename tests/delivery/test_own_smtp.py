"""A tenant's own mail server: reached at public addresses only, and nobody else's outage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import clock
from app.config import Settings
from app.delivery import patience, trouble
from app.directory import secrets, settings_store
from app.directory.settings_store import BadSettings
from app.directory.tenants import Tenant
from tests.delivery.mailing import allow, drain, queue, sending, set_up
from tests.doubles.certificate import make_certificate
from tests.doubles.dns_server import DnsServer
from tests.doubles.smtp_server import SmtpServer

LOGIN = ("mailer", "pass-word")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def own() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def _named(tenant: Tenant, server: SmtpServer, host: str = "localhost") -> Tenant:
    return set_up(
        tenant,
        sender="smtp",
        address="hello@acme.example",
        reply_to="help@acme.example",
        sender_name="Acme Post",
        smtp_host=host,
        smtp_port=server.port,
        smtp_security="none",
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_leaves_by_the_tenants_own_server(
    app: Flask,
    tenant: Tenant,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpServer(security, certificate, LOGIN) as server:  # type: ignore[arg-type]
        allow(app, f"localhost:{server.port}")
        acme = set_up(
            tenant,
            (secrets.OF_SMTP, LOGIN[1]),
            sender="smtp",
            address="hello@acme.example",
            reply_to="help@acme.example",
            sender_name="Acme Post",
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_security=security,
            smtp_user=LOGIN[0],
        )
        mail = queue(acme)
        drain()
    assert sending(acme, mail).state == "sent"
    (received,) = server.received
    assert (received.sender, received.encrypted, received.user) == (
        "hello@acme.example",
        True,
        LOGIN[0],
    )
    assert received.mail["From"] == "Acme Post <hello@acme.example>"
    assert received.mail["Reply-To"] == "help@acme.example"


def test_n01_a_mail_server_inside_is_not_talked_to(
    app: Flask, tenant: Tenant, own: SmtpServer
) -> None:
    acme = _named(tenant, own)
    mail = queue(acme)
    drain()
    assert own.connections == 0
    reason = sending(acme, mail).last_error or ""
    assert trouble.remedy_for(reason) == "port"


def test_n04_a_name_that_leads_inside_is_refused(
    app: Flask, settings: Settings, tenant: Tenant
) -> None:
    with DnsServer() as dns_server:
        dns_server.records["mail.acme.example"] = [["93.184.216.34", "10.0.0.7"]]
        app.config["AUTHPAGE"] = settings.model_copy(update={"dns_resolver": dns_server.address})
        acme = set_up(
            tenant, sender="smtp", address="hello@acme.example", smtp_host="mail.acme.example"
        )
        mail = queue(acme)
        drain()
    reason = sending(acme, mail).last_error or ""
    assert reason == "not a public address"
    assert trouble.remedy_for(reason) == "inside"


def test_z11_a_tenants_outage_holds_up_nobody_else(
    app: Flask, settings: Settings, tenant: Tenant, own: SmtpServer
) -> None:
    from app.actor import CLI
    from app.database import EVERYWHERE, write
    from app.directory import tenants

    with SmtpServer() as platform:
        app.config["AUTHPAGE"] = settings.model_copy(update={"smtp_url": platform.url})
        with write(EVERYWHERE) as session:
            other_id = tenants.create(session, CLI, "other", "Other")
        other = tenants.by_id(other_id)
        assert other is not None
        broken = _named(tenant, own)
        allow(app, f"localhost:{own.port}")
        own.breaks_at = {"connect"}
        waiting = [queue(broken) for _ in range(5)]
        sent = queue(other, "sam@example.com")
        drain()
        assert own.connections == 1
        assert platform.recipients == ["sam@example.com"]
    assert sending(other, sent).state == "sent"
    assert {sending(broken, each).state for each in waiting} == {"queued"}


def test_z11_a_tenants_slow_server_costs_nobody_elses_mails_their_time(
    app: Flask, tenant: Tenant, own: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SLOW", 0.0)
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    monkeypatch.setattr(patience, "REST", 1_000_000)
    slow = _named(tenant, own)
    allow(app, f"localhost:{own.port}")
    own.breaks_at = {"content"}
    waiting = [queue(slow) for _ in range(3)]
    drain()
    waiting.append(queue(slow))
    drain()
    assert own.connections == 1
    assert {sending(slow, each).state for each in waiting} == {"queued"}
    assert trouble.remedy_for(sending(slow, waiting[-1]).last_error or "") == "slow"
    own.breaks_at = set()
    clock.move(301)
    drain()
    assert (own.connections, len(own.received)) == (2, 1)


@pytest.mark.parametrize(
    "mail",
    [
        {"sender": "smtp", "smtp_host": "mail.acme.example"},
        {"sender": "smtp", "address": "hello@acme.example"},
        {"sender": "azure"},
        {"smtp_user": "mailer", "smtp_security": "none"},
        {"address": "hello@acme.example\r\nBcc: eve@evil.example"},
        {"smtp_host": "mail.acme.example/path"},
        {"sender_name": "support@bank.example"},
    ],
)
def test_settings_that_cannot_send_are_refused(mail: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        settings_store.parse("mail", mail)


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("535 (SMTPAuthenticationError)", "password"),
        ("SMTPNotSupportedError", "starttls"),
        ("SSLCertVerificationError", "certificate"),
        ("no such name", "name"),
        ("404 from Azure (DomainNotLinked)", "linked"),
        ("553 (SMTPSenderRefused)", "sender"),
        ("550 to RCPT", "recipient"),
        ("no connection (ConnectionRefusedError)", "connection"),
        ("429 from Azure (TooManyRequests)", "busy"),
        ("no password", "missing"),
        ("something else", "other"),
    ],
)
def test_a_reason_says_how_to_mend_it(reason: str, remedy: str) -> None:
    assert trouble.remedy_for(reason) == remedy
