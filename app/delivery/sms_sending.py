"""Hands one text message over: to the tenant's Twilio, or in development to the mailbox."""

from app.config import settings
from app.database import read
from app.delivery import sms_guard, twilio
from app.delivery.mailbox import MailboxSender
from app.delivery.sender import Away, Refused
from app.delivery.sms_readiness import SmsTenant, goes_to_mailbox
from app.delivery.twilio import Account, Unsure
from app.directory import secrets
from app.security import CannotUnseal


def send(tenant: SmsTenant, to: str, body: str, *, message_id: str, valid_for: int) -> None:
    """Send one message to a number in E.164 within `valid_for` seconds; raises `Failure`.

    What may have been sent already is sent again only while the day has room for it: the tenant
    may have to pay for both.
    """
    if goes_to_mailbox(tenant):
        with MailboxSender(settings()) as mailbox:
            mailbox.keep_sms(to, body, message_id)
        return
    try:
        twilio.send(_account(tenant), to, body, valid_for=valid_for)
    except Unsure as error:
        if not sms_guard.allow_again(tenant):
            raise Refused(f"{error.reason}; the day is full") from None
        raise


def _account(tenant: SmsTenant) -> Account:
    sms = tenant.settings.sms
    try:
        with read(tenant.id) as session:
            token = secrets.get(session, secrets.OF_TWILIO)
    except CannotUnseal:
        raise Away("cannot unseal the auth token") from None
    if sms.account_sid is None or sms.sender is None or token is None:
        raise Away("Twilio is not set up")
    return Account(sid=sms.account_sid, auth_token=token, sender=sms.sender)
