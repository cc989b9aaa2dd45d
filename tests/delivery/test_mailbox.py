"""The mailbox of development: what is sent without a mail server lies there, and only there."""

import logging
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from app import clock, create_app, log, migration, worker
from app.actor import CLI
from app.config import Settings
from app.database import EVERYWHERE, write
from app.delivery import mailbox
from app.delivery.mailbox import MailboxSender
from app.delivery.outbox import queue_mail
from app.directory import tenants
from app.directory.tenants import Tenant
from app.extensions import db

CODE = "042917"
MakeApp = Callable[..., Flask]


def _mail(number: int = 1, to: str = "jane@example.com") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@acme.example", to, f"Mail {number}"
    mail["Message-ID"] = f"<msg_{number:05}@acme.example>"
    mail.set_content(f"Hello\n\n{CODE}\n\nSee: https://acme.example/privacy\n")
    button = '<a class="button" href="https://acme.example/x?a=1&amp;b=2">Go</a>'
    footer = '<a href="https://acme.example/privacy">Privacy</a>'
    mail.add_alternative(f"<p>Hello</p>{button}{footer}", subtype="html")
    return mail


def test_mails_are_found_by_address_newest_first(settings: Settings) -> None:
    with MailboxSender(settings) as sender:
        for number, to in enumerate(("a@example.com", "B@example.com", "a@example.com")):
            sender.send(_mail(number, to), to)
            clock.move(1)
    clock.put_back()
    assert [each.subject for each in mailbox.messages(settings)] == ["Mail 2", "Mail 1", "Mail 0"]
    assert [each.subject for each in mailbox.messages(settings, "A@Example.com")] == [
        "Mail 2",
        "Mail 0",
    ]
    (found,) = mailbox.messages(settings, "b@example.com")
    assert (found.to, found.code, found.link) == (
        "B@example.com",
        CODE,
        "https://acme.example/x?a=1&b=2",
    )
    assert mailbox.find(settings, found.name) == found


def test_only_the_newest_stay_and_nobody_else_reads_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "KEPT", 3)
    with MailboxSender(settings) as sender:
        for number in range(5):
            sender.send(_mail(number), "jane@example.com")
    files = sorted(mailbox.folder(settings).iterdir())
    assert [each.name[-9:-4] for each in files] == ["00002", "00003", "00004"]
    assert {each.stat().st_mode & 0o077 for each in files} == {0}
    mailbox.clear(settings)
    assert mailbox.messages(settings) == []


@pytest.mark.parametrize("name", ["../root", "..%2froot", "1", "", "00000000000000-../x"])
def test_names_cannot_leave_the_folder(settings: Settings, name: str) -> None:
    assert mailbox.find(settings, name) is None


@pytest.fixture
def make_app(settings: Settings, request: pytest.FixtureRequest) -> MakeApp:
    def make(**changes: object) -> Flask:
        app = create_app(settings.model_copy(update=changes))
        with app.app_context():
            migration.upgrade()
            if tenants.default() is None:
                with write(EVERYWHERE) as session:
                    tenants.create(session, CLI, "default", "Acme")
        request.addfinalizer(lambda: _dispose(app))
        return app

    return make


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _deliver(app: Flask, to: str) -> None:
    with app.app_context():
        tenant = tenants.default()
        assert isinstance(tenant, Tenant)
        with write(tenant.id) as session:
            queue_mail(
                session,
                tenant,
                "sign_in_code",
                to=to,
                values={"code": CODE, "minutes": "10"},
                locale="en",
                carries_secret=True,
                lives=600,
            )
        assert worker.run_once() == 1


def test_development_shows_what_was_sent(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(environment="development")
    _deliver(app, "jane@example.com")
    line = capsys.readouterr().err
    assert "jane@example.com" in line
    assert "/mailbox" in line
    assert CODE not in line
    client = app.test_client()
    base = app.config["AUTHPAGE"].base_url
    inbox = client.get("/mailbox", base_url=base)
    (mail,) = mailbox.messages(app.config["AUTHPAGE"])
    assert f"/mailbox/{mail.name}" in inbox.text
    assert CODE in client.get(f"/mailbox/{mail.name}", base_url=base).text
    html = client.get(f"/mailbox/{mail.name}/html", base_url=base)
    assert html.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in html.headers["Content-Security-Policy"]
    assert CODE in html.text
    assert client.get("/mailbox/00000000000000-x", base_url=base).status_code == 404


def test_a_link_in_a_mail_can_be_followed(make_app: MakeApp) -> None:
    app = make_app(environment="development")
    chosen = app.config["AUTHPAGE"]
    with MailboxSender(chosen) as sender:
        sender.send(_mail(), "jane@example.com")
    (mail,) = mailbox.messages(chosen)
    page = app.test_client().get(f"/mailbox/{mail.name}", base_url=chosen.base_url)
    assert 'See: <a href="https://acme.example/privacy" rel="' in page.text


@pytest.mark.parametrize(
    "changes", [{}, {"environment": "development", "smtp_url": "smtp://localhost:2525"}]
)
def test_elsewhere_there_is_no_mailbox(make_app: MakeApp, changes: dict[str, object]) -> None:
    app = make_app(**changes)
    answer = app.test_client().get("/mailbox", base_url=app.config["AUTHPAGE"].base_url)
    assert answer.status_code == 404


def test_d05_no_log_line_of_a_delivery_holds_the_code(
    make_app: MakeApp, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    app = make_app(environment="development", log_level="debug")
    _deliver(app, "jane@example.com")
    for handler in logging.getLogger().handlers:
        if isinstance(handler, log.Sink):
            handler.close()
    captured = capfd.readouterr()
    assert CODE not in captured.out + captured.err
