"""Whose server sends a tenant's mails and text messages: set up, and tried out."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Optional as MayBeEmpty
from wtforms.validators import ValidationError

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.config import settings
from app.console import section_form
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.message_frame import SECTION, draw_tab, trouble_of
from app.console.section_form import Filled
from app.database import read, write
from app.delivery import (
    azure,
    mail_message,
    sms_guard,
    sms_message,
    sms_readiness,
    sms_sending,
    trial,
)
from app.delivery.azure import BadConnectionString
from app.delivery.message_catalogue import MESSAGES
from app.delivery.outbox import Payload
from app.delivery.sender import Failure
from app.directory import permissions, secrets
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.ids import new_id
from app.phones import BadPhone, mask_phone, parse_phone

_MAIL = (
    "sender",
    "address",
    "sender_name",
    "reply_to",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "dkim_selector",
)
_SMS = (
    "account_sid",
    "sender",
    "allow_countries",
    "deny_countries",
    "most_a_day",
    "least_conversion",
)
_TESTED = MESSAGES["password_changed"]
_VALID_FOR = 600
"""Seconds in which Twilio is to send a test."""


class OneLine:
    """What can be kept as a secret."""

    def __call__(self, form: Form, field: Any) -> None:
        """Raise `ValidationError` for anything else."""
        if not secrets.can_keep(field.data.strip()):
            raise ValidationError("console.senders.one_line")


class MailSecrets(Form):
    """What proves us to the server; what is stored is never shown."""

    smtp_password = PasswordField(
        "console.senders.smtp_password",
        description="console.senders.kept_hint",
        validators=[MayBeEmpty(), AtMost(1_000), OneLine()],
        render_kw={"autocomplete": "new-password"},
    )
    azure_connection = PasswordField(
        "console.senders.azure_connection",
        description="console.senders.azure_hint",
        validators=[MayBeEmpty(), AtMost(2_000), OneLine()],
        render_kw={"autocomplete": "off"},
    )


class SmsSecrets(Form):
    """The same for Twilio."""

    auth_token = PasswordField(
        "console.senders.auth_token",
        description="console.senders.kept_hint",
        validators=[MayBeEmpty(), AtMost(200), OneLine()],
        render_kw={"autocomplete": "new-password"},
    )


class TestSms(Form):
    """Where a test message goes."""

    number = StringField(
        "console.senders.number",
        description="console.senders.number_hint",
        validators=[Needed(), AtMost(40)],
    )


@blueprint.get("/<tenant_slug>/messages/senders")
@for_admin("message.read")
def message_senders(admin: Admin) -> Response:
    """Who sends, what is set, and buttons that try it out."""
    return _draw(admin, TestSms())


@blueprint.route("/<tenant_slug>/messages/senders/mail", methods=["GET", "POST"])
@for_admin("settings.publish", fresh=True)
def edit_mail_sender(admin: Admin) -> Response:
    """Choose whose server sends the mails, and give it what it needs."""
    filled = section_form.show(admin, "mail", _MAIL)
    kept = MailSecrets(section_form.sent_form())
    if request.method == "POST" and _mail_is_saved(admin, filled, kept):
        return done(admin, "/messages/senders", "console.senders.saved")
    return _draw_form(admin, "mail", filled, kept)


@blueprint.route("/<tenant_slug>/messages/senders/sms", methods=["GET", "POST"])
@for_admin("settings.publish", fresh=True)
def edit_sms_sender(admin: Admin) -> Response:
    """The Twilio account that text messages go out by, and how many of them."""
    filled = section_form.show(admin, "sms", _SMS)
    kept = SmsSecrets(section_form.sent_form())
    if request.method == "POST" and kept.validate() and section_form.save(admin, filled):
        _keep(admin, {secrets.OF_TWILIO: kept.auth_token.data})
        return done(admin, "/messages/senders", "console.senders.saved")
    return _draw_form(admin, "sms", filled, kept)


@blueprint.post("/<tenant_slug>/messages/senders/mail/test")
@for_admin("message.test")
def test_mail_sender(admin: Admin) -> Response:
    """Send a mail to the admin's own address by the server that mails leave by."""
    locale = admin.tenant.settings.texts.default_locale
    try:
        pending = trial.send(admin.tenant, admin.actor, _TESTED, admin.email, locale)
    except Failure as failure:
        return _draw(admin, TestSms(), status=422, mail_trouble=trouble_of(failure))
    told = "console.senders.mail_taken" if pending else "console.senders.mail_sent"
    return done(admin, "/messages/senders", told)


@blueprint.post("/<tenant_slug>/messages/senders/sms/test")
@for_admin("message.test")
def test_sms_sender(admin: Admin) -> Response:
    """Send a text message to a number. It counts like any other."""
    form = TestSms(request.form)
    if not form.validate():
        return _draw(admin, form, status=422)
    try:
        refusal = _sms_sent(admin.tenant, admin.actor, str(form.number.data))
    except BadPhone:
        refusal = "bad_number"
    except Failure as failure:
        return _draw(admin, form, status=422, sms_trouble=trouble_of(failure))
    if refusal is not None:
        form.refuse("number", f"console.senders.refused.{refusal}")
        return _draw(admin, form, status=422)
    return done(admin, "/messages/senders", "console.senders.sms_sent")


def _mail_is_saved(admin: Admin, filled: Filled, kept: MailSecrets) -> bool:
    """Publish the section and keep what was typed of the secrets, where all of it is right."""
    is_right = kept.validate()
    connection = (kept.azure_connection.data or "").strip()
    if connection:
        try:
            azure.parse(connection)
        except BadConnectionString as error:
            kept.refuse("azure_connection", str(error))
            is_right = False
    if not kept.smtp_password.data and _leads_elsewhere(admin, filled):
        kept.refuse("smtp_password", "console.senders.password_again")
        is_right = False
    if not is_right or not section_form.save(admin, filled):
        return False
    _keep(
        admin,
        {secrets.OF_SMTP: kept.smtp_password.data, secrets.OF_AZURE: connection},
    )
    return True


def _leads_elsewhere(admin: Admin, filled: Filled) -> bool:
    """Whether the password that is kept was typed for another server than the one that is named."""
    sent = filled.form.data
    named = sent["smtp_host"]
    if not named or not sent["smtp_user"] or named == admin.tenant.settings.mail.smtp_host:
        return False
    with read(admin.tenant.id) as session:
        return secrets.OF_SMTP in secrets.names(session)


def _keep(admin: Admin, given: dict[str, str | None]) -> None:
    """Store the secrets that were typed; an empty field changes nothing."""
    with write(admin.tenant.id) as session:
        for name, value in given.items():
            if value and value.strip():
                secrets.put(session, admin.actor, name, value.strip())


def _sms_sent(tenant: Tenant, actor: Actor, typed: str) -> str | None:
    """Why nothing was sent to the number; None when it was. Raises `BadPhone` and `Failure`."""
    permissions.demand(actor, "message.test")
    to = parse_phone(typed, tenant.settings.identifiers.default_region).key
    refusal = sms_guard.allow(tenant, to)
    if refusal is not None:
        return refusal
    body = sms_message.build(tenant, "test", Payload(to, {}, tenant.settings.texts.default_locale))
    sms_sending.send(tenant, to, body, message_id=new_id("msg"), valid_for=_VALID_FOR)
    with write(tenant.id) as session:
        record(session, events.SMS_TESTED, actor, data={"to": mask_phone(to)})
    return None


def _draw(admin: Admin, form: TestSms, *, status: int = 200, **context: Any) -> Response:
    tenant = admin.tenant
    with read(tenant.id) as session:
        stored = secrets.names(session)
        sent_today = sms_guard.sent_today(session)
        blocked = sms_guard.blocked_prefixes(session)
    return draw_tab(
        admin,
        "senders",
        "senders",
        mail=tenant.settings.mail,
        sms=tenant.settings.sms,
        address=mail_message.sender_address(tenant),
        has_mailbox=not settings().smtp_url,
        stored=stored,
        missing=sms_readiness.missing(tenant),
        sent_today=sent_today,
        blocked=blocked,
        form=form,
        status=status,
        **context,
    )


def _draw_form(admin: Admin, channel: str, filled: Filled, kept: Form) -> Response:
    return draw(
        admin,
        "messages/sender",
        section=SECTION,
        title=Text(f"console.senders.{channel}_title"),
        channel=channel,
        filled=filled,
        form=filled.form,
        kept=kept,
        status=422 if request.method == "POST" else 200,
    )
