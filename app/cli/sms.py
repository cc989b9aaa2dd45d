"""`authpage sms`: text messages by a tenant's own Twilio."""

import sys

import click

from app.actor import CLI
from app.audit import events
from app.audit.log import record
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Record, iso, prints
from app.database import read, write
from app.delivery import sms_guard, sms_message, sms_readiness, sms_sending
from app.delivery.outbox import Payload
from app.delivery.sender import Failure
from app.delivery.sms_guard import BlockedPrefix, Refusal
from app.directory import secrets
from app.directory.tenants import Tenant
from app.ids import new_id
from app.phones import BadPhone, mask_phone, parse_phone

_VALID_FOR = 600
"""Seconds."""
_ADVICE: dict[str, str] = {
    "account_sid": "authpage tenant settings set sms account_sid=AC...",
    "sender": "authpage tenant settings set sms sender=+14155550123",
    "auth_token": "authpage sms set-token",
}
_REFUSED: dict[Refusal, str] = {
    "not_ready": "Twilio is not set up. See: authpage sms status",
    "premium": "Messages to such numbers earn their owner money. None is sent.",
    "country": "The tenant's settings allow no text messages to that country.",
    "blocked": "Messages to such numbers are blocked for now. See: authpage sms status",
    "full": "The tenant's messages of today are used up. See: authpage sms status",
}
group = Group("sms", help="Text messages by the tenant's own Twilio.")


@group.command("set-token")
@prints
@for_tenant
def set_token(tenant: Tenant) -> Record:
    """Keep the auth token of the Twilio account: asked for, or the first line of standard input.

    It is sealed and never shown again.
    """
    with write(tenant.id) as session:
        secrets.put(session, CLI, secrets.OF_TWILIO, _given())
    return Record({"stored": True}, "The auth token is stored.")


@group.command("remove-token")
@prints
@for_tenant
def remove_token(tenant: Tenant) -> Record:
    """Forget the auth token; no more text messages go out."""
    with write(tenant.id) as session:
        is_removed = secrets.remove(session, CLI, secrets.OF_TWILIO)
    return Record({"removed": is_removed}, "There is no auth token any more.")


@group.command("status")
@prints
@for_tenant
def status(tenant: Tenant) -> Record:
    """Show what is missing, how many messages went out today, and which prefixes are blocked."""
    missing = list(sms_readiness.missing(tenant))
    with read(tenant.id) as session:
        sent = sms_guard.sent_today(session)
        blocked = sms_guard.blocked_prefixes(session)
    members = {
        "ready": sms_readiness.is_ready(tenant),
        "by": _way(tenant),
        "missing": missing,
        "do": [_ADVICE[part] for part in missing],
        "sent_today": sent,
        "most_a_day": tenant.settings.sms.most_a_day,
        "blocked": [_blocked(each) for each in blocked],
    }
    return Record(members, f"Text messages of {tenant.slug}")


@group.command("test-send")
@click.argument("number")
@prints
@for_tenant
def test_send(tenant: Tenant, number: str) -> Record:
    """Send a test message to a NUMBER at once. It counts like any other."""
    to = _number(number, tenant)
    refusal = sms_guard.allow(tenant, to)
    if refusal is not None:
        raise CommandFailed(f"sms_{refusal}", _REFUSED[refusal])
    body = sms_message.build(tenant, "test", Payload(to, {}, tenant.settings.texts.default_locale))
    try:
        sms_sending.send(tenant, to, body, message_id=new_id("msg"), valid_for=_VALID_FOR)
    except Failure as failure:
        sentence = f"The message was not sent: {failure.reason}."
        raise CommandFailed("sms_not_sent", sentence) from None
    with write(tenant.id) as session:
        record(session, events.SMS_TESTED, CLI, data={"to": mask_phone(to)})
    return Record({"sent": True, "by": _way(tenant)}, "Sent.")


def _given() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Auth token", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _number(text: str, tenant: Tenant) -> str:
    try:
        return parse_phone(text, tenant.settings.identifiers.default_region).key
    except BadPhone:
        raise CommandFailed("bad_number", "That is no phone number.") from None


def _way(tenant: Tenant) -> str:
    if sms_readiness.is_silent(tenant):
        return "none: the codes of this test tenant are fixed or echoed"
    return "mailbox" if sms_readiness.goes_to_mailbox(tenant) else "Twilio"


def _blocked(found: BlockedPrefix) -> str:
    until = iso(found.blocked_until)
    return f"{found.prefix}: {found.converted} of {found.sent} codes came back, until {until}"
