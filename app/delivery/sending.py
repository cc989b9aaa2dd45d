"""One round of delivery: lease what is due, build each message, hand it over, note the outcome."""

from collections.abc import Callable
from functools import partial

import structlog

from app import clock
from app.config import Settings
from app.delivery import leases, mail_message, outbox, sms_message, sms_sending, smtp
from app.delivery.leases import Leased
from app.delivery.mail_message import MailTenant
from app.delivery.mailbox import MailboxSender
from app.delivery.outbox import Payload
from app.delivery.sender import Away, NotNow, Refused, Sender
from app.delivery.smtp import SmtpSender
from app.metrics import MAILS, SMS
from app.security import CannotUnseal
from app.whereabouts import where

FindTenant = Callable[[str], MailTenant | None]
IsStopping = Callable[[], bool]
HandOver = Callable[[], None]

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
    """Send up to `limit` messages that are due and expire those whose time is over: mails by
    `sender`, text messages by the Twilio of their tenant.

    Returns how many were taken up. Opens its own transactions, and none is open while a server is
    talked to. Needs an application context.
    """
    if not leases.is_anything_due():
        return 0
    expired = leases.expire_overdue(limit)
    for channel in expired:
        _count(channel, "expired")
    messages = leases.take(limit)
    outages: dict[str, Away] = {}
    with sender:
        for message in messages:
            route = _route(message)
            if route in outages:
                _wait_out(message, outages[route])
            elif is_stopping() or clock.now() > message.leased_until - _TIME_FOR_ONE:
                leases.release(message)
            elif outage := _deliver_one(find_tenant, sender, message):
                outages[route] = outage
    return len(expired) + len(messages)


def _route(message: Leased) -> str:
    """What a message shares with others when it is away: each tenant has a Twilio of its own."""
    return (
        message.channel if message.channel == "mail" else f"{message.channel} {message.tenant_id}"
    )


def _deliver_one(find_tenant: FindTenant, sender: Sender, message: Leased) -> Away | None:
    """Send one message and record the outcome; returns the outage if there is one."""
    try:
        _send(find_tenant, sender, message)
    except Away as outage:
        _log.warning(f"{message.channel}_server_away", reason=outage.reason)
        _wait_out(message, outage)
        return outage
    except NotNow as refusal:
        leases.retry(message, refusal.reason, is_outage=False)
        _count(message.channel, "retried")
        _log.warning(f"{message.channel}_not_sent", message_id=message.id, reason=refusal.reason)
    except Refused as refusal:
        leases.give_up(message, refusal.reason)
        _count(message.channel, "dead")
        _log.warning(f"{message.channel}_given_up", message_id=message.id, reason=refusal.reason)
    else:
        leases.sent(message)
        _count(message.channel, "sent")
    return None


def _send(find_tenant: FindTenant, sender: Sender, message: Leased) -> None:
    tenant = find_tenant(message.tenant_id)
    if tenant is None:
        raise Refused("no such tenant")
    try:
        payload = outbox.unseal(tenant.id, message.id, message.sealed_payload)
        hand_over = _built(tenant, sender, message, payload)
    except CannotUnseal:
        raise Refused("cannot unseal") from None
    except Exception as error:  # A broken template must not stop the messages behind this one.
        _log.error(f"{message.channel}_not_built", purpose=message.purpose, error=where(error))
        raise NotNow(f"not built: {type(error).__name__}") from None
    if clock.now() >= message.expires_at:
        raise NotNow("expired on the way")
    hand_over()


def _built(tenant: MailTenant, sender: Sender, message: Leased, payload: Payload) -> HandOver:
    """The message as it goes out, ready to be handed over to its server."""
    if message.channel == "sms":
        body = sms_message.build(tenant, message.purpose, payload)
        valid_for = (message.expires_at - clock.now()) // clock.SECOND
        return partial(
            sms_sending.send, tenant, payload.to, body, message_id=message.id, valid_for=valid_for
        )
    mail = mail_message.build(
        tenant, message.purpose, payload, message_id=message.id, queued_at=message.created_at
    )
    return partial(sender.send, mail, payload.to)


def _wait_out(message: Leased, outage: Away) -> None:
    leases.retry(message, outage.reason, is_outage=True)
    _count(message.channel, "retried")


def _count(channel: str, outcome: str) -> None:
    (SMS if channel == "sms" else MAILS).labels(outcome).inc()
