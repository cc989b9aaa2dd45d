"""What mails look like on the wire: one template, two parts, the tenant's brand, safe headers."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask import Flask

from app import text
from app.delivery import mail_message, plain_text, sms_message
from app.delivery.outbox import Payload
from app.directory.brand_settings import Brand
from app.directory.mail_settings import Mail
from app.directory.settings import Methods, TenantSettings, Texts
from app.directory.tenants import Tenant

QUEUED = 1_790_000_000_000
VALUES = {"code": "042917", "minutes": "10", "app": "Shop", "device": "Firefox 144, Linux"}
PURPOSES = (
    "sign_in_code",
    "sign_up_code",
    "verify_email_code",
    "recovery_code",
    "no_account",
    "new_device",
    "password_changed",
)


@pytest.fixture
def acme(app: Flask) -> Tenant:
    return Tenant(
        id="ten_1",
        slug="default",
        name="Acme",
        kind="live",
        status="active",
        issuer="https://login.acme.example",
        rp_id="login.acme.example",
        epoch=2,
        settings=TenantSettings(),
    )


def _with(tenant: Tenant, **sections: object) -> Tenant:
    return replace(tenant, settings=tenant.settings.model_copy(update=sections))


def _mail(
    tenant: Tenant, purpose: str = "sign_in_code", locale: str = "en", **values: str
) -> EmailMessage:
    payload = Payload("jane@example.com", {**VALUES, **values}, locale)
    built = mail_message.build(tenant, purpose, payload, message_id="msg_1", queued_at=QUEUED)
    parsed = message_from_bytes(built.as_bytes(), policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mail_has_both_parts_and_no_open_placeholder(
    acme: Tenant, purpose: str, locale: str
) -> None:
    mail = _mail(acme, purpose, locale)
    plain, html = _part(mail, "plain"), _part(mail, "html")
    assert mail.get_content_type() == "multipart/alternative"
    assert "{{" not in plain + html + mail["Subject"]
    assert f'lang="{locale}" dir="{text.direction(locale)}"' in html
    assert ("042917" in plain) == ("042917" in html) == purpose.endswith("_code")
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\r\n"))


def test_no_subject_ever_holds_the_code(acme: Tenant) -> None:
    for purpose in PURPOSES:
        assert "042917" not in _mail(acme, purpose)["Subject"]


def test_the_text_part_reads_like_the_html_part(acme: Tenant) -> None:
    assert _part(_mail(acme), "plain").replace("\r\n", "\n") == (
        "Your sign-in code\n\n"
        "Enter this code on the page where you are signing in.\n\n"
        "042917\n\n"
        "The code is good for 10 minutes. Never give this code to anyone. We will not ask you for"
        " it.\n\n"
        "You did not ask for this? Then you can ignore this mail.\n\n"
        "Sent by Acme\n"
    )


def test_links_start_at_the_tenants_own_base_url_and_stand_in_the_text(acme: Tenant) -> None:
    plain = _part(_mail(acme, "no_account"), "plain")
    assert "https://login.acme.example/sign-up" in plain
    closed = _with(acme, methods=Methods(sign_up_open=False))
    assert "sign-up" not in _part(_mail(closed, "no_account"), "plain")


def test_an_existing_account_is_told_in_the_sign_up_mail(acme: Tenant) -> None:
    mail = _mail(acme, "sign_up_code", exists="yes")
    assert "already have" in mail["Subject"]
    assert "042917" in _part(mail, "plain")


def test_the_brand_reaches_every_mail(acme: Tenant) -> None:
    brand = Brand.model_validate(
        {
            "name": "Blau",
            "accent": "#0055aa",
            "logo": "ab" * 16,
            "privacy_url": "https://b.example/p",
        }
    )
    mail = _mail(_with(acme, brand=brand, mail=Mail(sender_name="Blau Team")))
    html = _part(mail, "html")
    assert "#0055aa" in html.lower()
    assert 'src="https://login.acme.example/brand/abababababababababababababababab.png"' in html
    assert "https://b.example/p" in _part(mail, "plain")
    assert mail["From"].addresses[0].display_name == "Blau Team"
    assert "Blau" in mail["Subject"]


def test_the_tenants_own_words_win(acme: Tenant) -> None:
    texts = Texts(overrides={"en": {"mail.sign_in_code.subject": "Hi from {{ tenant_name }}"}})
    assert _mail(_with(acme, texts=texts))["Subject"] == "Hi from Acme"


def test_line_breaks_in_names_make_no_header(acme: Tenant) -> None:
    hostile = "Acme\r\nBcc: eve@evil.example\r\n\r\nBody\u2028x"
    mail = _mail(_with(acme, brand=Brand.model_construct(**{**dict(Brand()), "name": hostile})))
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    }
    assert "Bcc: eve" in mail["Subject"]


def test_l10_a_mail_goes_to_one_address(acme: Tenant) -> None:
    payload = Payload("o'neil+x@example.com", VALUES, "en")
    mail = mail_message.build(acme, "sign_in_code", payload, message_id="msg_1", queued_at=QUEUED)
    assert [each.addr_spec for each in mail["To"].addresses] == ["o'neil+x@example.com"]


def test_b06_strangers_words_are_escaped_and_make_no_link(acme: Tenant) -> None:
    device = "<b>x</b> see http://evil.example/now\r\n" + "y" * 500
    mail = _mail(acme, "new_device", device=device)
    html, plain = _part(mail, "html"), _part(mail, "plain")
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;" in html
    for part in (html, plain):
        assert "evil.example" not in part
        assert "http://" not in part
        assert "y" * 200 not in part


def test_b06_the_name_of_an_organizations_look_makes_no_link_and_no_sender(acme: Tenant) -> None:
    looks = {"org_1": Brand(name="support@bank.example: https://evil.example")}
    tenant = replace(acme, looks=looks)
    payload = Payload("jane@example.com", VALUES, "en", organization_id="org_1")
    mail = mail_message.build(tenant, "sign_in_code", payload, message_id="m", queued_at=QUEUED)
    assert "@" not in mail["From"].addresses[0].display_name
    for said in (
        str(mail["From"]),
        str(mail["Subject"]),
        _part(mail, "html"),
        _part(mail, "plain"),
    ):
        assert "evil.example" not in said
        assert "https://evil" not in said
        assert "support@" not in said
    sms = sms_message.build(tenant, "sign_in_code", replace(payload, to="+4915123456789"))
    assert "evil.example" not in sms
    assert "support bank" in sms


def test_sending_again_keeps_the_message_id(acme: Tenant) -> None:
    assert _mail(acme)["Message-ID"] == _mail(acme)["Message-ID"] == "<msg_1@localhost>"


def test_text_is_derived_without_what_is_only_for_the_eye() -> None:
    html = (
        "<html><head><style>p{}</style><title>T</title></head><body>"
        '<div class="unread">preview<p>deep</p></div><h1>One &amp; two</h1><p>a\n  b<br>c</p>'
        '<p><a class="button" href="https://x.example/?a=1&amp;b=2">Go</a></p><img alt="z">'
        "</body></html>"
    )
    assert plain_text.of_html(html) == ("One & two\n\na b\n\nc\n\nGo: https://x.example/?a=1&b=2\n")
