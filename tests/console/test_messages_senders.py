"""Senders, the mail doctor and the delivery log in the console."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app import worker
from app.database import named, read, write
from app.delivery.outbox import queue_mail
from app.directory import secrets
from app.directory.tenants import Tenant
from tests.console.staff import Staff
from tests.doubles.azure_server import KEY, SENDER, AzureServer
from tests.doubles.dns_server import DnsServer
from tests.doubles.smtp_server import SmtpServer
from tests.doubles.twilio_server import SID, TOKEN, TwilioServer

Change = Callable[..., None]
_SEALED = named("SELECT name, sealed FROM tenant_secret WHERE tenant_id = :tenant_id")
MAIL = {
    "sender": "azure",
    "address": SENDER,
    "smtp_port": "0",
    "smtp_security": "starttls",
    "revision": "0",
}


@pytest.fixture
def change(app: Flask) -> Iterator[Change]:
    bound = app.config["AUTHPAGE"]

    def changed(**settings: Any) -> None:
        app.config["AUTHPAGE"] = app.config["AUTHPAGE"].model_copy(update=settings)

    yield changed
    app.config["AUTHPAGE"] = bound


def _drain() -> None:
    """Send what waits, that of other tests' tenants too."""
    while worker.run_once():
        pass


def _secret(tenant: Tenant) -> str | None:
    with read(tenant.id) as session:
        return secrets.get(session, secrets.OF_SMTP)


def _queued(tenant: Tenant, to: str, *, carries_secret: bool) -> str:
    with write(tenant.id) as session:
        return queue_mail(
            session,
            tenant,
            "sign_in_code" if carries_secret else "password_changed",
            to=to,
            values={"code": "042917", "minutes": "10", "app": "Shop"} if carries_secret else {},
            locale="en",
            carries_secret=carries_secret,
            lives=600,
        )


def test_azure_is_set_up_with_a_secret_that_is_never_shown_and_tried(
    staff: Staff, change: Change
) -> None:
    with AzureServer() as server:
        change(outbound_allow=(server.address,))
        staff.post("/messages/senders/mail", MAIL, azure_connection="endpoint=nowhere")
        assert staff.status == 422
        assert "A connection string reads" in staff.errors["azure_connection"]
        staff.press("/messages/senders/mail", MAIL, azure_connection=server.connection_string)
        assert staff.told == "console.senders.saved"
        pages = staff.get("/messages/senders").get_data(as_text=True)
        pages += staff.get("/messages/senders/mail").get_data(as_text=True)
        assert KEY not in pages
        assert "accesskey=" not in pages
        with read(staff.tenant.id) as session:
            stored = session.execute(_SEALED, {"tenant_id": staff.tenant.id}).all()
        assert [row.name for row in stored] == ["mail.azure_connection"]
        assert KEY.encode() not in stored[0].sealed
        staff.press("/messages/senders/mail/test")
        assert staff.told == "console.senders.mail_taken"
        ((_, document),) = server.mails.items()
        assert document["recipients"]["to"] == [{"address": staff.email}]
        server.key = b"another"
        staff.post("/messages/senders/mail/test")
    trouble = staff.page.by_id("trouble")
    assert staff.status == 422
    assert trouble is not None
    assert trouble.get("data-text") == "console.messages.trouble.password"


def test_settings_that_cannot_send_are_refused_and_old_sign_ins_asked_again(staff: Staff) -> None:
    staff.post("/messages/senders/mail", {**MAIL, "address": ""})
    assert staff.status == 422
    assert any("sender's address" in each for each in staff.messages)
    staff.post("/messages/senders/mail", {**MAIL, "address": "no address"})
    assert staff.errors["address"] == "That is no email address."
    assert staff("developer").get("/messages/senders/mail").status_code == 403
    assert staff("viewer").post("/messages/senders/mail/test").status_code == 403
    staff.grow_old()
    assert staff.get("/messages/senders/mail").status_code == 303


def test_x06_a_kept_password_goes_to_no_other_mail_server(staff: Staff) -> None:
    fields = {**MAIL, "sender": "smtp", "smtp_host": "mail.acme.example", "smtp_user": "acme"}
    staff.press("/messages/senders/mail", fields, smtp_password="never-told")
    elsewhere = {**fields, "smtp_host": "mail.evil.example", "revision": "1"}
    staff.post("/messages/senders/mail", elsewhere)
    assert staff.errors == {"smtp_password": "console.senders.password_again"}
    staff.press("/messages/senders/mail", {**MAIL, "revision": "1"})
    staff.post("/messages/senders/mail", {**elsewhere, "revision": "2"})
    assert staff.errors == {"smtp_password": "console.senders.password_again"}
    staff.press("/messages/senders/mail", {**elsewhere, "revision": "2"}, smtp_password="another")
    assert _secret(staff.tenant) == "another"
    staff.press("/settings/mail/history/1/restore")
    assert _secret(staff.tenant) is None


def test_d06_a_secret_that_cannot_be_kept_is_refused_before_anything_is_published(
    staff: Staff,
) -> None:
    fields = {**MAIL, "sender": "smtp", "smtp_host": "mail.acme.example", "smtp_user": "acme"}
    staff.post("/messages/senders/mail", fields, smtp_password="pässword")
    assert staff.errors == {"smtp_password": "console.senders.one_line"}
    sms = {"account_sid": SID, "sender": "+14155550123", "most_a_day": "10", "revision": "0"}
    staff.post("/messages/senders/sms", {**sms, "least_conversion": "10"}, auth_token="tökén")
    assert staff.errors == {"auth_token": "console.senders.one_line"}
    staff.press("/messages/senders/mail", fields, smtp_password="password")


def test_n01_a_mail_server_inside_is_not_tried(staff: Staff) -> None:
    with SmtpServer() as inside:
        fields = {**MAIL, "sender": "smtp", "smtp_host": "localhost", "smtp_security": "none"}
        staff.press("/messages/senders/mail", fields, smtp_port=str(inside.port))
        staff.post("/messages/senders/mail/test")
        assert staff.status == 422
        assert inside.connections == 0
    assert "not a port for mail" in staff.words


def test_twilio_is_set_up_and_tried(staff: Staff, change: Change) -> None:
    with TwilioServer() as twilio:
        change(twilio_url=twilio.url, outbound_allow=(twilio.address,))
        fields = {"account_sid": SID, "sender": "+14155550123", "most_a_day": "10"}
        fields |= {"least_conversion": "10", "revision": "0"}
        staff.press("/messages/senders/sms", fields, auth_token=TOKEN)
        assert TOKEN not in staff.get("/messages/senders").get_data(as_text=True)
        staff.post("/messages/senders/sms/test", number="nonsense")
        assert staff.errors["number"] == "console.senders.refused.bad_number"
        staff.press("/messages/senders/sms/test", number="+4915123456789")
        assert staff.told == "console.senders.sms_sent"
        assert [each.to for each in twilio.messages] == ["+4915123456789"]


def test_the_doctor_looks_when_it_is_asked_to(staff: Staff, change: Change) -> None:
    staff.press("/messages/senders/mail", MAIL)
    with DnsServer() as names:
        change(dns_resolver=names.address)
        staff.get("/messages/doctor")
        assert sum(names.asked.values()) == 0
        assert "selector1-azurecomm-prod-net._domainkey.acme.example" in staff.words
        staff.get("/messages/doctor", look="now")
        assert names.asked["acme.example"]
    assert "No record says which servers may send for it." in staff.words


def test_the_log_shows_what_went_wrong_and_sends_dead_letters_again(
    staff: Staff, change: Change
) -> None:
    with SmtpServer() as server:
        change(smtp_url=server.url)
        server.answers["gone@example.com"] = "550 5.1.1 gone@example.com is unknown"
        notice = _queued(staff.tenant, "gone@example.com", carries_secret=False)
        code = _queued(staff.tenant, "gone@example.com", carries_secret=True)
        _drain()
        support = staff("support")
        support.get("/messages/log", state="dead", q="gone@example.com")
        assert "g•••@example.com" in support.words
        assert "550 to RCPT" in support.words
        assert "gone@example.com is unknown" not in support.words
        support.get("/messages/log", kind="new_device")
        assert "No message fits." in support.words
        support.get(f"/messages/log/{code}")
        assert "The person asks for a new one." in support.words
        assert "042917" not in support.words
        support.post(f"/messages/log/{code}/resend")
        assert support.status == 422
        assert support.messages == ["It carried a code or a link. The person asks for a new one."]
        assert staff("developer").post(f"/messages/log/{notice}/resend").status_code == 403
        del server.answers["gone@example.com"]
        support.press(f"/messages/log/{notice}/resend")
        assert support.told == "console.delivery.queued_again"
        _drain()
        assert server.recipients.count("gone@example.com") == 1
