"""SMTP against a real server: TLS is required where it was asked for, refusals are told apart."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from app.config import UnsafeSettings
from app.database import TransactionOpen, write
from app.delivery import smtp
from app.delivery.sender import Away, NotNow, Refused
from app.delivery.smtp import SmtpSender, parse_url
from app.directory.tenants import Tenant
from tests.doubles.certificate import make_certificate
from tests.doubles.smtp_server import Security, SmtpServer

SENDER = "no-reply@acme.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def _mail(text: str = "Hello\r\n.\r\n..dots") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, "jane@example.com", "Hi"
    mail.set_content(text)
    return mail


def _send(server: SmtpServer, *recipients: str) -> None:
    with SmtpSender(parse_url(server.url), SENDER) as sender:
        for recipient in recipients:
            sender.send(_mail(), recipient)


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
@pytest.mark.parametrize("login", [None, ("mailer", "pa:ss word")])
def test_a_mail_arrives_whole(
    security: Security,
    login: tuple[str, str] | None,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpServer(security, certificate, login) as server:
        url = server.url.replace("pa:ss word", "pa%3Ass%20word")
        with SmtpSender(parse_url(url), SENDER) as sender:
            sender.send(_mail(), "jane@example.com")
    (received,) = server.received
    assert (received.sender, received.recipients) == (SENDER, ("jane@example.com",))
    assert received.encrypted == (security != "plain")
    assert received.user == (login[0] if login else None)
    assert received.mail.get_content().split() == ["Hello", ".", "..dots"]


def test_several_mails_share_a_connection(server: SmtpServer) -> None:
    _send(server, "a@example.com", "b@example.com", "c@example.com")
    assert server.recipients == ["a@example.com", "b@example.com", "c@example.com"]
    assert server.connections == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_unknown_certificate_is_refused(security: Security, certificate: Path) -> None:
    with SmtpServer(security, certificate) as server, pytest.raises(Away):
        _send(server, "jane@example.com")
    assert server.received == []


def test_a_server_without_starttls_gets_nothing_in_the_clear(server: SmtpServer) -> None:
    url = server.url.replace("smtp://", "smtp+starttls://")
    with SmtpSender(parse_url(url), SENDER) as sender, pytest.raises(Away):
        sender.send(_mail(), "jane@example.com")
    assert server.received == []


def test_a_wrong_password_is_an_outage_and_kills_no_mail() -> None:
    with SmtpServer(login=("mailer", "right")) as server:
        url = server.url.replace("right", "wrong")
        with SmtpSender(parse_url(url), SENDER) as sender, pytest.raises(Away, match="535"):
            sender.send(_mail(), "jane@example.com")


def test_a_refused_address_leaves_the_connection_good(server: SmtpServer) -> None:
    server.answers["gone@example.com"] = "550 5.1.1 No such person gone@example.com"
    server.greylisted["grey@example.com"] = 1
    with SmtpSender(parse_url(server.url), SENDER) as sender:
        with pytest.raises(Refused) as refusal:
            sender.send(_mail(), "gone@example.com")
        assert refusal.value.reason == "550 to RCPT"
        with pytest.raises(NotNow):
            sender.send(_mail(), "grey@example.com")
        sender.send(_mail(), "jane@example.com")
        sender.send(_mail(), "grey@example.com")
    assert server.recipients == ["jane@example.com", "grey@example.com"]
    assert server.connections == 1


@pytest.mark.parametrize(("code", "kind"), [("554", Refused), ("452", NotNow)])
def test_a_refused_content_is_told_apart_by_its_code(
    server: SmtpServer, code: str, kind: type[Exception]
) -> None:
    server.answers["DATA"] = f"{code} No"
    with pytest.raises(kind):
        _send(server, "jane@example.com")


def test_a_refused_sender_kills_no_mail(server: SmtpServer) -> None:
    server.answers["MAIL"] = "553 Not you"
    with pytest.raises(NotNow):
        _send(server, "jane@example.com")


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "content"])
def test_a_broken_connection_is_opened_anew(server: SmtpServer, command: str) -> None:
    with SmtpSender(parse_url(server.url), SENDER) as sender:
        server.breaks_at = {command}
        with pytest.raises(NotNow):
            sender.send(_mail(), "jane@example.com")
        server.breaks_at = set()
        sender.send(_mail(), "jane@example.com")
    assert (server.recipients, server.connections) == (["jane@example.com"], 2)


@pytest.mark.parametrize("command", ["connect", "EHLO", "MAIL", "content"])
def test_z11_a_server_that_falls_silent_is_left(
    server: SmtpServer, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "MAIL_SECONDS", 0.3)
    server.silent_at = {command}
    with pytest.raises((Away, NotNow)):
        _send(server, "jane@example.com")
    assert server.received == []


def test_z11_a_server_whose_greeting_never_ends_is_left(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    server.drips = 10
    with pytest.raises(Away):
        _send(server, "jane@example.com")
    assert server.received == []


def test_a_server_that_is_away_is_an_outage(server: SmtpServer) -> None:
    server.stop()
    with pytest.raises(Away):
        _send(server, "jane@example.com")
    server.start()
    _send(server, "jane@example.com")
    assert server.recipients == ["jane@example.com"]


def test_no_mail_server_is_talked_to_inside_a_transaction(
    app: Flask, tenant: Tenant, server: SmtpServer
) -> None:
    with write(tenant.id), pytest.raises(TransactionOpen):
        _send(server, "jane@example.com")
    assert server.connections == 0


def test_the_url_names_the_server() -> None:
    server = parse_url("smtps://me%40acme:p%2Fw@mail.acme.example")
    assert (server.host, server.port, server.user) == ("mail.acme.example", 465, "me@acme")
    assert server.password == "p/w"
    assert "p/w" not in repr(server)
    assert parse_url("smtp+starttls://mail.acme.example").port == 587


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.acme.example",
        "http://mail.acme.example",
        "smtp://",
        "smtp://mail.acme.example:port",
        "smtp://mail.acme.example/path",
        "smtp://me:secret@mail.acme.example",
    ],
)
def test_an_unusable_url_is_refused(url: str) -> None:
    with pytest.raises(UnsafeSettings) as refusal:
        parse_url(url)
    assert "secret" not in str(refusal.value)
