"""The operator's own message builder: what it is given, what it may return, and that its faults
cost nobody a login."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from app.config import Settings, UnsafeSettings
from app.delivery import mail_message, message_builder
from app.delivery.message_builder import Request
from app.delivery.outbox import Payload
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant
from tests.delivery.conftest import TEMPLATES

CODE = "042917"
QUEUED = 1_790_000_000_000
GIVEN: list[Request] = []
ANSWER: dict[str, Any] = {}


def build(request: Request) -> Any:
    """The builder under test: answers with what `ANSWER` holds."""
    GIVEN.append(request)
    answer = ANSWER["answer"]
    if isinstance(answer, Exception):
        raise answer
    return answer(request) if callable(answer) else answer


def _good(request: Request) -> dict[str, str]:
    return {
        "recipient": request.email,
        "subject": f"{request.application} says hello",
        "html": f"<p>{request.code}</p>",
        "text": str(request.code),
    }


@pytest.fixture
def acme() -> Tenant:
    return Tenant(
        id="ten_1",
        slug="default",
        name="Acme",
        kind="live",
        status="active",
        issuer="https://login.acme.example",
        rp_id="login.acme.example",
        epoch=0,
        settings=TenantSettings(),
    )


@pytest.fixture(autouse=True)
def bound(tmp_path: Any) -> Any:
    """An application without a database: a builder needs none."""
    app = Flask("builder", template_folder=str(TEMPLATES))
    app.config["AUTHPAGE"] = Settings.model_validate(
        {
            "environment": "test",
            "data_dir": tmp_path,
            "message_builder": f"{__name__}:build",
        }
    ).completed()
    GIVEN.clear()
    with app.app_context():
        yield app


def _mail(tenant: Tenant, answer: Any, purpose: str = "sign_in_code") -> EmailMessage:
    ANSWER["answer"] = answer
    values = {"code": CODE, "minutes": "10", "app": "Shop"}
    payload = Payload("jane@example.com", values, "en")
    return mail_message.build(tenant, purpose, payload, message_id="msg_1", queued_at=QUEUED)


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


def test_a_builder_is_given_everything_and_its_mail_goes_out(acme: Tenant) -> None:
    mail = _mail(acme, _good)
    assert (mail["Subject"], _text(mail)) == ("Shop says hello", CODE)
    assert mail["From"].addresses[0].display_name == "Acme"
    (given,) = GIVEN
    assert (given.purpose, given.code, given.application) == ("sign_in_code", CODE, "Shop")
    assert (given.email, given.masked_email) == ("jane@example.com", "j•••@example.com")
    assert given.expires_at == datetime.fromtimestamp(QUEUED / 1_000 + 600, UTC)
    assert given.branding.name == "Acme"
    assert given.branding.accent == "#4f46e5"
    assert CODE not in repr(given)


def test_a_builder_may_send_somewhere_else_or_leave_a_mail_to_authpage(acme: Tenant) -> None:
    moved = _mail(acme, lambda request: {**_good(request), "recipient": "test@acme.example"})
    assert mail_message.recipient_of(moved) == "test@acme.example"
    assert "Your code to sign in" in _mail(acme, None)["Subject"]


@pytest.mark.parametrize(
    "answer",
    [
        ValueError(f"no template for {CODE}"),
        "a text",
        {},
        lambda given: {**_good(given), "bcc": "eve@evil.example"},
        lambda given: {**_good(given), "subject": "Hi\r\nBcc: eve@evil.example"},
        lambda given: {**_good(given), "subject": ""},
        lambda given: {**_good(given), "subject": "x" * 201},
        lambda given: {**_good(given), "html": b"<p>bytes</p>"},
        lambda given: {**_good(given), "html": "x" * 200_001},
        lambda given: {**_good(given), "text": "no code in it"},
        lambda given: {**_good(given), "recipient": "a@example.com, b@example.com"},
        lambda given: {**_good(given), "recipient": "a@example.com\r\nBcc: eve@evil.example"},
    ],
)
def test_a_fault_of_the_builder_loses_no_login_and_tells_no_code(acme: Tenant, answer: Any) -> None:
    with capture_logs() as logs:
        mail = _mail(acme, answer)
    assert CODE in _text(mail)
    assert mail["Subject"] == "Your code to sign in to Acme"
    assert mail["Bcc"] is None
    assert mail_message.recipient_of(mail) == "jane@example.com"
    (logged,) = logs
    assert logged["event"] == "message_builder_failed"
    assert CODE not in str(logs)
    assert "example.com" not in str(logs)


def test_a_builder_that_hangs_is_left_alone(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    monkeypatch.setattr(message_builder, "SECONDS", 0.05)
    done = Event()
    mail = _mail(acme, lambda _: done.wait(30))
    done.set()
    assert CODE in _text(mail)


def test_z11_a_builder_that_hangs_holds_up_only_a_few_mails(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr(message_builder, "SECONDS", 0.05)
    done, asked = threading.Event(), list[Request]()

    def hang(request: Request) -> None:
        asked.append(request)
        done.wait(30)

    mails = [_mail(acme, hang) for _ in range(message_builder.MOST_HANGING + 2)]
    done.set()
    for thread in threading.enumerate():
        if thread.name == "message-builder":
            thread.join()
    assert all(CODE in _text(mail) for mail in mails)
    assert len(asked) == message_builder.MOST_HANGING


@pytest.mark.parametrize("name", ["nowhere:build", f"{__name__}:nothing", f"{__name__}:CODE", "x"])
def test_a_builder_that_cannot_be_found_stops_the_start(name: str) -> None:
    with pytest.raises(UnsafeSettings, match="MESSAGE_BUILDER"):
        message_builder.load(name)
