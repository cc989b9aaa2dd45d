"""`authpage mail`: the delivery log, and in development the mails themselves."""

import time
from typing import Any

import click

from app import clock
from app.addresses import parse_email
from app.cli import mail_setup
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.moment import Moment
from app.cli.options import for_tenant, pages
from app.cli.output import Listing, Record, iso, members_of, prints
from app.config import settings
from app.database import read
from app.delivery import mailbox, outbox
from app.delivery.mailbox import StoredMail
from app.directory.tenants import Tenant
from app.phones import NO_REGION, parse_phone

_LOOK_AGAIN = 0.2
"""Seconds."""
group = Group("mail", help="Mails and text messages that were sent or wait.")
for _command in mail_setup.COMMANDS:
    group.add_command(_command)


@group.command("list")
@click.option("--state", type=click.Choice(["queued", "sent", "expired", "dead"]))
@pages
@prints
@for_tenant
def list_(tenant: Tenant, state: str | None, after: str | None, limit: int) -> Listing:
    """List the delivery log, newest first: recipients are masked, bodies are never shown."""
    with read(tenant.id) as session:
        page = outbox.list_page(session, after=after, limit=limit, state=state)
    columns = ("created_at", "channel", "purpose", "recipient", "state", "attempts", "last_error")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("show")
@click.option("--to", required=True, metavar="ADDRESS", help="Or a phone number with +.")
@click.option("--last", is_flag=True, help="Only the newest.")
@click.option("--wait", default=0, metavar="SECONDS", help="Wait so long for the first one.")
@click.option("--since", type=Moment(), help="Only mails sent since then.")
@prints
def show(to: str, last: bool, wait: int, since: int | None) -> Record | Listing:
    """Show what was sent to an address or number, with its code or link. In development only."""
    chosen = settings()
    if chosen.is_production or chosen.smtp_url:
        raise CommandFailed(
            "no_mailbox", "Only in development without SMTP_URL are mails kept where you can look."
        )
    address = parse_phone(to, NO_REGION).key if to.startswith("+") else parse_email(to).deliverable
    mails = _await(address, wait, since or 0)
    if not mails:
        raise CommandFailed("no_mail", f"There is nothing to {address}.")
    if last:
        return Record(_members(mails[0]))
    return Listing([_members(each) for each in mails], ("sent_at", "subject", "code", "link"))


@group.command("clear")
@prints
def clear() -> Record:
    """Throw away every mail of the development mailbox."""
    mailbox.clear(settings())
    return Record({"cleared": True}, "The mailbox is empty.")


def _await(address: str, seconds: int, since: int) -> list[StoredMail]:
    until = clock.now() + seconds * clock.SECOND
    while True:
        found = mailbox.messages(settings(), to=address)
        fresh = [each for each in found if each.sent_at >= since]
        if fresh or clock.now() >= until:
            return fresh
        time.sleep(_LOOK_AGAIN)


def _members(mail: StoredMail) -> dict[str, Any]:
    return {
        "id": mail.name,
        "to": mail.to,
        "from": mail.sender,
        "subject": mail.subject,
        "sent_at": iso(mail.sent_at),
        "code": mail.code,
        "link": mail.link,
        "text": mail.text,
    }
