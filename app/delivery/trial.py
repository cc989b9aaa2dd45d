"""Tries a tenant's mails out: sends one to whoever asks, at once and past the outbox."""

from collections.abc import Mapping

from app import clock
from app.actor import Actor
from app.addresses import mask_email, parse_email
from app.audit import events
from app.audit.log import record
from app.config import settings
from app.database import write
from app.delivery import mail_content, mail_message, mail_senders
from app.delivery.mail_content import Content, MailTenant
from app.delivery.message_catalogue import Message
from app.delivery.outbox import Payload
from app.delivery.sender import Pending
from app.directory import permissions
from app.ids import new_id


def payload(message: Message, base_url: str, to: str, locale: str) -> Payload:
    """Made-up values for a message: its code opens nothing, and its button leads to `base_url`."""
    values = dict(message.examples)
    if message.template in ("link", "support_recovery", "invitation", "welcome"):
        values["link"] = f"{base_url}/"
    if message.key.startswith("account_exists"):
        values["exists"] = "yes"
    return Payload(to, values, locale)


def preview(tenant: MailTenant, message: Message, locale: str) -> Content:
    """The mail as it would be with made-up values; needs an application context."""
    example = payload(message, tenant.base_url, "jane@example.com", locale)
    return mail_content.compose(tenant, message.purpose, example, clock.now())


def send(
    tenant: MailTenant, actor: Actor, message: Message, to: str, locale: str
) -> Pending | None:
    """Send the mail with made-up values by the tenant's server; something comes back where the
    server has only taken it. Raises `Failure`, `BadAddress` and `Forbidden`.

    Opens its own transaction to tell the audit log, none while the server is talked to.
    """
    permissions.demand(actor, "message.test")
    address = parse_email(to).deliverable
    example = payload(message, tenant.base_url, address, locale)
    mail = mail_message.build(
        tenant, message.purpose, example, message_id=new_id("msg"), queued_at=clock.now()
    )
    sender = mail_senders.own(tenant) or mail_senders.platform(settings())
    with sender:
        pending = sender.send(mail, address)
    _note(tenant, actor, {"to": mask_email(address), "purpose": message.key, "locale": locale})
    return pending


def _note(tenant: MailTenant, actor: Actor, data: Mapping[str, str]) -> None:
    with write(tenant.id) as session:
        record(session, events.MAIL_TESTED, actor, data=dict(data))
