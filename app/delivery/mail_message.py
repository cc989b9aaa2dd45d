"""Builds a mail from its purpose and values, in the tenant's brand and the person's language."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Protocol

from flask import current_app

from app import clock, text
from app.branding import Brand, brand_of
from app.config import settings
from app.delivery import plain_text
from app.delivery.outbox import Payload
from app.directory.settings import TenantSettings

_TEMPLATES = {
    "sign_in_code": "code",
    "sign_up_code": "code",
    "verify_email_code": "code",
    "recovery_code": "code",
    "second_code": "code",
    "sign_in_link": "link",
    "sign_up_link": "link",
    "verify_email_link": "link",
    "recovery_link": "link",
    "second_link": "link",
    "no_account": "no_account",
    "new_device": "notice",
    "password_changed": "notice",
    "factor_added": "notice",
    "factor_removed": "notice",
    "passkey_added": "notice",
    "passkey_removed": "notice",
    "identity_added": "notice",
    "identity_removed": "notice",
    "recovery_codes_made": "notice",
    "recovery_codes_removed": "notice",
    "recovery_code_used": "notice",
    "email_added": "notice",
    "email_removed": "notice",
    "email_primary": "notice",
    "phone_added": "notice",
    "phone_removed": "notice",
    "username_changed": "notice",
    "password_removed": "notice",
    "deletion_asked": "notice",
    "deletion_cancelled": "notice",
    "recovery_started": "notice",
    "recovery_used": "notice",
    "support_recovery": "support_recovery",
    "breached": "notice",
    "invitation": "invitation",
}
_LONGEST_VALUE = 120
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LINK_LIKE = re.compile(r"(?<=\w)(\.(?=\w)|:(?=//))")
_ISOLATE, _END_ISOLATE, _WORD_JOINER = "\u2068", "\u2069", "\u2060"


class MailTenant(Protocol):
    """Whose mail it is: a tenant snapshot."""

    @property
    def id(self) -> str:
        """The tenant's id."""

    @property
    def is_test(self) -> bool:
        """Whether it may fix or echo codes."""

    @property
    def name(self) -> str:
        """The tenant's name."""

    @property
    def base_url(self) -> str:
        """Where its pages begin; the only base of links (never a request's host)."""

    @property
    def settings(self) -> TenantSettings:
        """The published settings."""


def build(
    tenant: MailTenant, purpose: str, payload: Payload, *, message_id: str, queued_at: int
) -> EmailMessage:
    """The mail with its text and HTML parts; needs an application context.

    Values: `code` and `minutes` for the codes, and `link` for the links (a `sign_up_code` with
    `exists` says that there is an account already), `device` for `new_device`, `label`, `address`,
    `phone` or `due` for the notices whose sentence names one, `organization` and `until` for the
    `invitation`, and `not_me` for the token that undoes it; `when` is added. The message id makes
    the Message-ID, so that a mail that was sent twice is recognised as one.
    """
    brand = brand_of(tenant)
    words = _Words(tenant, brand, payload, queued_at)
    text_id = f"mail.{_named(purpose, payload)}"
    subject = _one_line(words.t(f"{text_id}.subject"))
    html = current_app.jinja_env.get_template(f"mail/{_TEMPLATES[purpose]}.html").render(
        subject=subject,
        text_id=text_id,
        values=payload.values,
        t=words.t,
        brand=brand,
        base_url=tenant.base_url,
        sign_up_open=tenant.settings.methods.sign_up_open,
        locale=payload.locale,
        direction=text.direction(payload.locale),
    )
    mail = _headed(tenant, brand, payload.to, subject, message_id)
    mail.set_content(plain_text.of_html(html))
    mail.add_alternative(html, subtype="html")
    return mail


def _named(purpose: str, payload: Payload) -> str:
    """The family of texts: a mail to a newcomer whose address has an account says so instead."""
    if "exists" not in payload.values:
        return purpose
    return "account_exists_link" if "link" in payload.values else "account_exists"


class _Words:
    """The sentences of one mail."""

    def __init__(self, tenant: MailTenant, brand: Brand, payload: Payload, queued_at: int) -> None:
        self._overrides = tenant.settings.texts.overrides
        self._locale = payload.locale
        given = {name: _harmless(value) for name, value in payload.values.items()}
        when = text.moment(queued_at, payload.locale)
        given |= {"tenant_name": _one_line(brand.name), "when": when}
        self._values = {name: self._isolated(value) for name, value in given.items()}

    def t(self, text_id: str, **values: Any) -> str:
        """The sentence with this id; the template escapes it."""
        return text.translate(self._locale, text_id, {**self._values, **values}, self._overrides)

    def _isolated(self, value: str) -> str:
        """A Latin name must not disturb the order of a sentence that runs leftwards."""
        if text.direction(self._locale) == "ltr" or not value:
            return value
        return f"{_ISOLATE}{value}{_END_ISOLATE}"


def _headed(
    tenant: MailTenant, brand: Brand, to: str, subject: str, message_id: str
) -> EmailMessage:
    sender = settings().mail_from
    name = _one_line(tenant.settings.mail.sender_name or brand.name)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=name, addr_spec=sender)
    mail["To"] = Address(addr_spec=to)  # As text, a comma would make two recipients of it.
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(clock.now() / clock.SECOND, UTC))
    mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers.
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def _harmless(value: str) -> str:
    """A stranger's words: one short line that no mail program makes a link of."""
    return _LINK_LIKE.sub(rf"\1{_WORD_JOINER}", _one_line(value)[:_LONGEST_VALUE])


def _one_line(value: str) -> str:
    return re.sub(r"\s+", " ", _CONTROLS.sub(" ", value)).strip()
