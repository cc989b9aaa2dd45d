"""One round of delivery: lease what is due, build each message, hand it over, note the outcome."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import structlog

from app import clock
from app.delivery import leases, mail_message, outbox, patience, sms_message, sms_sending, smtp
from app.delivery.leases import Leased
from app.delivery.mail_content import MailTenant
from app.delivery.mail_senders import Senders
from app.delivery.outbox import Payload
from app.delivery.sender import Away, NotNow, Pending, Refused, Sender
from app.metrics import MAILS, SMS
from app.security import CannotUnseal
from app.whereabouts import where

FindTenant = Callable[[str], MailTenant | None]
IsStopping = Callable[[], bool]
HandOver = Callable[[], Pending | None]

_TIME_FOR_ONE = (smtp.MAIL_SECONDS * 2 + smtp.CONNECT_SECONDS * 2) * clock.SECOND
"""What a mail may take at worst, with a new connection; a lease with less left is handed back."""

_SHARED = "mail"
"""The route of the mails that the operator's server sends, for which everybody waits."""

_log = structlog.stdlib.get_logger(__name__)


def deliver(
    find_tenant: FindTenant,
    platform: Sender,
    limit: int,
    is_stopping: IsStopping = lambda: False,
) -> int:
    """Send up to `limit` messages that are due and expire those whose time is over: mails by
    `platform` or by the server of their tenant, text messages by the Twilio of their tenant.

    Returns how many were taken up. Opens its own transactions, and none is open while a server is
    talked to. Needs an application context.
    """
    if not leases.is_anything_due():
        return 0
    expired = leases.expire_overdue(limit)
    for channel in expired:
        _count(channel, "expired")
    messages = leases.take(limit)
    _deliver_all(messages, find_tenant, platform, is_stopping)
    return len(expired) + len(messages)


def _deliver_all(
    messages: Sequence[Leased], find_tenant: FindTenant, platform: Sender, is_stopping: IsStopping
) -> None:
    outages: dict[str, Away] = {}
    watch = patience.Watch()
    with Senders(platform) as senders:
        for message in messages:
            tenant = find_tenant(message.tenant_id)
            route = _route(tenant, message)
            if outage := outages.get(route) or patience.resting(route):
                _wait_out(message, outage)
            elif is_stopping() or clock.now() > message.leased_until - _TIME_FOR_ONE:
                leases.release(message)
            else:
                with watch.over(route) if route != _SHARED else nullcontext():
                    failed = _deliver_one(tenant, senders, message)
                if failed:
                    outages[route] = failed


def _route(tenant: MailTenant | None, message: Leased) -> str:
    """What a message shares with others when it is away: each tenant has a Twilio of its own, and
    may have a mail server."""
    is_shared = tenant is None or tenant.settings.mail.sender == "platform"
    if message.channel == "mail" and is_shared:
        return _SHARED
    return f"{message.channel} {message.tenant_id}"


def _deliver_one(tenant: MailTenant | None, senders: Senders, message: Leased) -> Away | None:
    """Send one message and record the outcome; returns the outage if there is one."""
    try:
        pending = _send(tenant, senders, message)
    except Away as outage:
        _log.warning(f"{message.channel}_server_away", reason=outage.reason)
        _wait_out(message, outage)
        return outage
    except NotNow as refusal:
        leases.retry(message, refusal, is_outage=False)
        _count(message.channel, "retried")
        _log.warning(f"{message.channel}_not_sent", message_id=message.id, reason=refusal.reason)
    except Refused as refusal:
        leases.give_up(message, refusal.reason)
        _count(message.channel, "dead")
        _log.warning(f"{message.channel}_given_up", message_id=message.id, reason=refusal.reason)
    else:
        _note(message, pending)
    return None


def _note(message: Leased, pending: Pending | None) -> None:
    if pending is not None:
        leases.accepted(message, pending)
    else:
        leases.sent(message)
        _count(message.channel, "sent")


def _send(tenant: MailTenant | None, senders: Senders, message: Leased) -> Pending | None:
    if tenant is None:
        raise Refused("no such tenant")
    if message.operation is not None:
        return senders.of(tenant).follow(message.operation)
    try:
        payload = outbox.unseal(tenant.id, message.id, message.sealed_payload)
        hand_over = _built(tenant, senders, message, payload)
    except CannotUnseal:
        raise Refused("cannot unseal") from None
    except Away:
        raise
    except Exception as error:  # A broken template must not stop the messages behind this one.
        _log.error(f"{message.channel}_not_built", purpose=message.purpose, error=where(error))
        raise NotNow(f"not built: {type(error).__name__}") from None
    if clock.now() >= message.expires_at:
        raise NotNow("expired on the way")
    return hand_over()


def _built(tenant: MailTenant, senders: Senders, message: Leased, payload: Payload) -> HandOver:
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
    return partial(senders.of(tenant).send, mail, mail_message.recipient_of(mail))


def _wait_out(message: Leased, outage: Away) -> None:
    leases.retry(message, outage, is_outage=True)
    _count(message.channel, "retried")


def _count(channel: str, outcome: str) -> None:
    (SMS if channel == "sms" else MAILS).labels(outcome).inc()
