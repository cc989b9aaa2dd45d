"""One round of delivery: lease what is due, build each mail, hand it over, record how it went."""

from collections.abc import Callable

import structlog

from app import clock
from app.config import Settings
from app.delivery import leases, mail_message, outbox, smtp
from app.delivery.leases import Leased
from app.delivery.mail_message import MailTenant
from app.delivery.mailbox import MailboxSender
from app.delivery.sender import Away, NotNow, Refused, Sender
from app.delivery.smtp import SmtpSender
from app.metrics import MAILS
from app.security import CannotUnseal
from app.whereabouts import where

FindTenant = Callable[[str], MailTenant | None]
IsStopping = Callable[[], bool]

_TIME_FOR_ONE = (smtp.MAIL_SECONDS * 2 + smtp.CONNECT_SECONDS * 2) * clock.SECOND
"""What a mail may take at worst, with a new connection; a lease with less left is handed back."""

_log = structlog.stdlib.get_logger(__name__)


def sender_for(settings: Settings) -> Sender:
    """The sender that the settings ask for: a mail server, or without one the mailbox."""
    if settings.smtp_url:
        return SmtpSender(smtp.parse_url(settings.smtp_url), settings.mail_from)
    return MailboxSender(settings)


def deliver(
    find_tenant: FindTenant,
    sender: Sender,
    limit: int,
    is_stopping: IsStopping = lambda: False,
) -> int:
    """Send up to `limit` mails that are due and expire those whose time is over.

    Returns how many messages were taken up. Opens its own transactions, and none is open while the
    mail server is talked to. Needs an application context.
    """
    if not leases.is_anything_due():
        return 0
    expired = leases.expire_overdue(limit)
    MAILS.labels("expired").inc(expired)
    messages = leases.take(limit)
    outage: Away | None = None
    with sender:
        for message in messages:
            if outage is not None:
                _wait_out(message, outage)
            elif is_stopping() or clock.now() > message.leased_until - _TIME_FOR_ONE:
                leases.release(message)
            else:
                outage = _deliver_one(find_tenant, sender, message)
    return expired + len(messages)


def _deliver_one(find_tenant: FindTenant, sender: Sender, message: Leased) -> Away | None:
    """Send one mail and record the outcome; returns the outage if there is one."""
    try:
        _send(find_tenant, sender, message)
    except Away as outage:
        _log.warning("mail_server_away", reason=outage.reason)
        _wait_out(message, outage)
        return outage
    except NotNow as refusal:
        leases.retry(message, refusal.reason, is_outage=False)
        MAILS.labels("retried").inc()
        _log.warning("mail_not_sent", message_id=message.id, reason=refusal.reason)
    except Refused as refusal:
        leases.give_up(message, refusal.reason)
        MAILS.labels("dead").inc()
        _log.warning("mail_given_up", message_id=message.id, reason=refusal.reason)
    else:
        leases.sent(message)
        MAILS.labels("sent").inc()
    return None


def _send(find_tenant: FindTenant, sender: Sender, message: Leased) -> None:
    tenant = find_tenant(message.tenant_id)
    if tenant is None:
        raise Refused("no such tenant")
    try:
        payload = outbox.unseal(tenant.id, message.id, message.sealed_payload)
        mail = mail_message.build(
            tenant, message.purpose, payload, message_id=message.id, queued_at=message.created_at
        )
    except CannotUnseal:
        raise Refused("cannot unseal") from None
    except Exception as error:  # A broken template must not stop the mails behind this one.
        _log.error("mail_not_built", purpose=message.purpose, error=where(error))
        raise NotNow(f"not built: {type(error).__name__}") from None
    if clock.now() >= message.expires_at:
        raise NotNow("expired on the way")
    sender.send(mail, payload.to)


def _wait_out(message: Leased, outage: Away) -> None:
    leases.retry(message, outage.reason, is_outage=True)
    MAILS.labels("retried").inc()
