"""Emails and SMS in the console: words, previews, tests, and what roles may do."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.delivery.message_catalogue import MESSAGES
from app.directory import tenants
from tests.console.staff import Staff
from tests.doubles.smtp_server import SmtpServer

CODE = "/messages/sign_in_code/en"


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    bound = app.config["AUTHPAGE"]
    with SmtpServer() as server:
        app.config["AUTHPAGE"] = bound.model_copy(update={"smtp_url": server.url})
        yield server
    app.config["AUTHPAGE"] = bound


def _shown(staff: Staff, path: str) -> str:
    return staff.get(path).get_data(as_text=True)


def test_every_message_is_listed_and_can_be_opened_in_every_language(staff: Staff) -> None:
    staff.get("/messages")
    links = {each.get("href") for each in staff.page.all("a")}
    for key in MESSAGES:
        assert f"{urlsplit(staff.base).path}/messages/{key}/en" in links
    for key in ("sign_in_code", "invitation", "password_changed", "sms_sign_in_code"):
        for locale in ("en", "de", "ar"):
            assert staff.get(f"/messages/{key}/{locale}").status_code == 200
    assert staff.get("/messages/nothing/en").status_code == 404
    assert staff.get("/messages/sign_in_code/xx").status_code == 404


def test_own_words_are_saved_shown_in_the_list_and_given_back(staff: Staff) -> None:
    staff.press(CODE, subject="{{ app }}: your code", body="Hi.\n\nBye.")
    assert staff.told == "console.messages.saved"
    assert "Acme Dashboard: your code" in _shown(staff, "/messages")
    assert "<p>Hi.</p><p>Bye.</p>" in _shown(staff, f"{CODE}/html")
    assert _shown(staff, f"{CODE}/text").startswith("Acme Dashboard: your code\n\n")
    assert staff.get(f"{CODE}/reset").status_code == 200
    staff.press(f"{CODE}/reset")
    assert staff.told == "console.messages.was_reset"
    found = tenants.by_id(staff.tenant.id)
    assert found is not None
    assert found.settings.texts.overrides == {}


def test_b01_an_unknown_placeholder_is_refused_at_its_field_and_kept_typed(staff: Staff) -> None:
    answer = staff.post(CODE, subject="{{ config.items() }}", body="Hello {{ nobody }}")
    assert answer.status_code == 422
    assert staff.errors["body"].startswith("There is no {{ nobody }} here. You can use {{ tenant_")
    assert "{{ tenant_name }}" in staff.errors["subject"]
    assert "Hello {{ nobody }}" in answer.get_data(as_text=True)


def test_a_preview_shows_words_that_are_not_saved_and_can_do_nothing(staff: Staff) -> None:
    answer = staff.post(f"{CODE}/html", body="<script>x()</script> {{ minutes }}")
    html = answer.get_data(as_text=True)
    assert "&lt;script&gt;x()&lt;/script&gt; 10" in html
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    refused = staff.post(f"{CODE}/html", body="{{ nobody }}")
    assert refused.mimetype == "text/plain"
    assert "There is no {{ nobody }}" in refused.get_data(as_text=True)
    sms = staff.post("/messages/sms_sign_in_code/en/text", sms="{{ code }} for {{ tenant_name }}")
    assert sms.get_data(as_text=True).startswith("123456 for ")
    assert staff.get("/messages/sms_sign_in_code/en/html").status_code == 404


def test_a_test_mail_goes_to_the_admin_alone(staff: Staff, server: SmtpServer) -> None:
    staff.press(CODE, subject="Only a test")
    staff.press(f"{CODE}/test", to="eve@evil.example")
    assert staff.told == "console.messages.test_sent"
    assert server.recipients == [staff.email]
    assert server.received[0].mail["Subject"] == "Only a test"


def test_a_test_that_fails_says_why_and_what_to_do(staff: Staff, server: SmtpServer) -> None:
    server.answers[staff.email] = f"550 5.1.1 {staff.email} is unknown"
    assert staff.post(f"{CODE}/test").status_code == 422
    found = staff.page.by_id("trouble")
    assert found is not None
    assert found.get("data-text") == "console.messages.trouble.recipient"
    assert "550 to RCPT" in staff.words
    assert "is unknown" not in staff.words


def test_readers_look_and_change_nothing(staff: Staff) -> None:
    viewer = staff("viewer")
    assert viewer.get(CODE).status_code == 200
    assert viewer.post(CODE, subject="x").status_code == 403
    assert viewer.post(f"{CODE}/test").status_code == 403
    assert viewer.get(f"{CODE}/reset").status_code == 403
    assert viewer.get("/messages/log").status_code == 403
    assert staff("support").get("/messages/log").status_code == 200
