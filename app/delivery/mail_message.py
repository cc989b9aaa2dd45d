"""Builds a mail from its purpose and values: what it says, and the headers around it."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app import clock
from app.config import settings
from app.delivery import mail_content, message_builder
from app.delivery.mail_content import MailTenant
from app.delivery.message_builder import Built
from app.delivery.outbox import Payload


def build(
    tenant: MailTenant, purpose: str, payload: Payload, *, message_id: str, queued_at: int
) -> EmailMessage:
    """The mail with its text and HTML parts; needs an application context.

    `mail_content.compose` tells which values there are. The operator's own message builder is
    asked first, where there is one. The message id makes the Message-ID, so that a mail that was
    sent twice is recognised as one.
    """
    own = message_builder.build(tenant, purpose, payload, queued_at)
    content = mail_content.compose(tenant, purpose, payload, queued_at)
    said = own or Built(payload.to, content.subject, content.html, content.text)
    mail = _headed(tenant, said, content.sender_name, message_id)
    mail.set_content(said.text)
    mail.add_alternative(said.html, subtype="html")
    return mail


def sender_address(tenant: MailTenant) -> str:
    """The address that the tenant's mails come from."""
    own = tenant.settings.mail
    return own.address if own.sender != "platform" and own.address else settings().mail_from


def _headed(tenant: MailTenant, said: Built, sender_name: str, message_id: str) -> EmailMessage:
    sender = sender_address(tenant)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=sender_name, addr_spec=sender)
    mail["To"] = Address(addr_spec=said.recipient)  # As text, a comma would make two of it.
    if tenant.settings.mail.reply_to:
        mail["Reply-To"] = Address(addr_spec=tenant.settings.mail.reply_to)
    mail["Subject"] = said.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(clock.now() / clock.SECOND, UTC))
    mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers.
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def recipient_of(mail: EmailMessage) -> str:
    """The one address that a mail of ours goes to."""
    address: str = mail["To"].addresses[0].addr_spec
    return address
