"""The doctor, the settings and the mailbox on the command line."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.cli import main
from app.config import Settings
from app.database import write
from app.delivery import outbox
from app.delivery.mailbox import MailboxSender
from app.directory import tenants
from tests.cli.conftest import CommandLine


def _change(app: Flask, **changed: Any) -> None:
    app.config["AUTHPAGE"] = app.config["AUTHPAGE"].model_copy(update=changed)


def _examined(authpage: CommandLine) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the states of each part."""
    ran = authpage("doctor", "--json")
    states: dict[str, list[str]] = {}
    for check in json.loads(ran.out)["checks"]:
        states.setdefault(check["part"], []).append(check["state"])
    return ran.code, states


def test_a_healthy_installation(acme: CommandLine) -> None:
    code, states = _examined(acme)
    assert code == 0
    assert {state for found in states.values() for state in found} == {"ok"}
    assert {*states} >= {"settings", "database", "migrations", "root key", "keys", "mail", "worker"}


def test_an_empty_database_wants_migrations(
    start: Callable[..., Flask], empty_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = CommandLine(start(database_url=empty_database_url), capsys)
    code, states = _examined(empty)
    assert (code, states["migrations"]) == (1, ["fail"])
    assert "authpage migrate" in empty("doctor").out
    assert empty("user", "list", "--json").error["error"] == "not_migrated"
    assert empty.json("migrate")["changed"] is True
    assert empty.json("migrate")["changed"] is False
    assert _examined(empty)[0] == 0


def test_another_root_key_is_noticed(
    acme: CommandLine, start: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    key = acme.json("key", "root", "--version", "9")["root_key"]
    code, states = _examined(CommandLine(start(root_keys=(key,)), capsys))
    assert code == 1
    assert states["root key"] == ["fail"]
    assert states["keys"] == ["fail"]


def test_a_tenant_without_a_key_fails(acme: CommandLine) -> None:
    acme.json("key", "rotate", "--ahead", "0")
    clock.move(-3_600)
    code, states = _examined(acme)
    assert (code, states["keys"]) == (1, ["fail"])


def test_a_root_key_that_others_can_read_is_a_warning(acme: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "root.key").chmod(0o644)
    code, states = _examined(acme)
    assert code == 0
    assert "warn" in states["root key"]


def test_a_mail_server_that_is_away_fails(acme: CommandLine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _change(acme.app, smtp_url=f"smtp://127.0.0.1:{closed.getsockname()[1]}")
        code, states = _examined(acme)
    assert (code, states["mail"]) == (1, ["fail"])


@pytest.fixture
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """The port of a server that greets (RFC 5321, section 4.2), and the commands that it got."""
    commands: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rw", newline="\r\n") as stream:
                print("220 mail.example ESMTP", file=stream, flush=True)
                for line in stream:
                    commands.append(line.split()[0].upper())
                    answer = "221 bye" if commands[-1] == "QUIT" else "250 mail.example"
                    print(answer, file=stream, flush=True)
                    if commands[-1] == "QUIT":
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], commands
        thread.join()


def test_a_mail_server_is_greeted_and_sent_nothing(
    acme: CommandLine, mail_server: tuple[int, list[str]]
) -> None:
    port, commands = mail_server
    _change(acme.app, smtp_url=f"smtp://127.0.0.1:{port}")
    code, states = _examined(acme)
    assert (code, states["mail"]) == (0, ["ok"])
    assert commands == ["EHLO", "QUIT"]


def test_redis_that_is_away_is_a_warning(acme: CommandLine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _change(acme.app, redis_url=f"redis://127.0.0.1:{closed.getsockname()[1]}")
        code, states = _examined(acme)
    assert (code, states["redis"]) == (0, ["warn"])


def test_mails_that_wait_too_long_are_a_warning(acme: CommandLine) -> None:
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with write(tenant.id) as session:
            outbox.queue_mail(
                session,
                tenant,
                "sign_in_code",
                to="jane@example.com",
                values={"code": "123456"},
                locale="en",
                carries_secret=True,
                lives=3_600,
            )
    assert _examined(acme)[1]["worker"] == ["ok"]
    clock.move(600)
    assert _examined(acme)[1]["worker"] == ["warn"]
    listed = acme("mail", "list", "--state", "queued", "--json")
    assert json.loads(listed.out)["items"][0]["recipient"] == "j•••@example.com"
    assert "123456" not in listed.out


def test_settings_mask_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROOT_KEYS", "2:c2VjcmV0,1:b2xk")
    monkeypatch.setenv("SMTP_URL", "smtps://mailer:hush:hush@mail.example:465")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://app:hush@db.example/authpage")
    assert main(["settings", "--json"]) == 0
    printed = capsys.readouterr().out
    values = {item["name"]: item["value"] for item in json.loads(printed)["items"]}
    assert values["ROOT_KEYS"] == ["2:•••", "1:•••"]
    assert values["SMTP_URL"] == "smtps://mailer:•••@mail.example:465"
    assert values["DATABASE_URL"] == "postgresql+psycopg://app:•••@db.example/authpage"
    assert "hush" not in printed
    assert {*values} == {name.upper() for name in Settings.model_fields}


def test_a_wrong_setting_is_one_friendly_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "many")
    assert main(["settings"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: PORT: ")
    assert printed.err.count("\n") == 1


def _deliver(settings: Settings, to: str, code: str) -> None:
    mail = EmailMessage()
    mail["To"], mail["From"], mail["Subject"] = to, "no-reply@localhost", f"Code for {to}"
    mail["Message-ID"] = f"<msg_{code}@localhost>"
    mail.set_content(f"Your code:\n\n{code}\n")
    mail.add_alternative(f"<p>{code}</p>", subtype="html")
    with MailboxSender(settings) as sender:
        sender.send(mail, to)
    clock.move(1)


def test_the_last_mail_is_shown_with_its_code(acme: CommandLine, settings: Settings) -> None:
    for to, code in (
        ("jane@example.com", "111111"),
        ("jane@example.com", "222222"),
        ("sam@example.com", "333333"),
    ):
        _deliver(settings, to, code)
    shown = acme.json("mail", "show", "--to", "Jane@example.com", "--last")
    assert (shown["to"], shown["code"]) == ("jane@example.com", "222222")
    every = acme.json("mail", "show", "--to", "jane@example.com")["items"]
    assert [each["code"] for each in every] == ["222222", "111111"]
    acme.json("mail", "clear")
    ran = acme("mail", "show", "--to", "jane@example.com", "--last", "--json")
    assert ran.error["error"] == "no_mail"


def test_mails_are_shown_in_development_only(acme: CommandLine, settings: Settings) -> None:
    _deliver(settings, "jane@example.com", "111111")
    _change(acme.app, environment="production")
    ran = acme("mail", "show", "--to", "jane@example.com", "--json")
    assert ran.error["error"] == "no_mailbox"
