"""`authpage mail`: a tenant's own mail server, set up, tried out and looked after."""

import sys

import click
from flask.cli import with_appcontext

from app import text
from app.actor import CLI
from app.cli.failures import CommandFailed
from app.cli.options import for_tenant
from app.cli.output import Listing, Record, prints
from app.database import write
from app.delivery import azure, delivery_log, mail_doctor, trial, trouble
from app.delivery.azure import BadConnectionString
from app.delivery.mail_doctor import Finding
from app.delivery.message_catalogue import MESSAGES
from app.delivery.sender import Failure
from app.directory import secrets
from app.directory.tenants import Tenant

_TESTED = MESSAGES["password_changed"]


@click.command("doctor")
@with_appcontext
@prints
@for_tenant
def doctor(tenant: Tenant) -> Listing:
    """Look at SPF, DKIM and DMARC of the sender's domain, and say which record to add."""
    found = mail_doctor.examine(mail_doctor.sender_of(tenant))
    return Listing([_members(each) for each in found], ("state", "part", "finding", "add"))


@click.command("test-send")
@click.argument("address")
@with_appcontext
@prints
@for_tenant
def test_send(tenant: Tenant, address: str) -> Record:
    """Send a test mail to an ADDRESS at once, by the server that the tenant's mails leave by."""
    try:
        pending = trial.send(tenant, CLI, _TESTED, address, tenant.settings.texts.default_locale)
    except Failure as failure:
        remedy = text.translate(
            "en", f"console.messages.trouble.{trouble.remedy_for(failure.reason)}"
        )
        said = f"The mail was not sent: {failure.reason}. {remedy}"
        raise CommandFailed("mail_not_sent", said) from None
    by = tenant.settings.mail.sender
    return Record({"sent": True, "by": by, "confirmed": pending is None}, "Sent.")


@click.command("set-password")
@with_appcontext
@prints
@for_tenant
def set_password(tenant: Tenant) -> Record:
    """Keep the password at the tenant's mail server: asked for, or the first line of standard
    input. It is sealed and never shown again."""
    return _kept(tenant, secrets.OF_SMTP, _given("Password"))


@click.command("set-connection")
@with_appcontext
@prints
@for_tenant
def set_connection(tenant: Tenant) -> Record:
    """Keep the connection string of Azure Communication Services: asked for, or the first line of
    standard input. It is sealed and never shown again."""
    given = _given("Connection string")
    try:
        azure.parse(given)
    except BadConnectionString as error:
        raise CommandFailed("bad_value", str(error)) from None
    return _kept(tenant, secrets.OF_AZURE, given)


@click.command("resend")
@click.argument("message_id", metavar="MESSAGE")
@with_appcontext
@prints
@for_tenant
def resend(tenant: Tenant, message_id: str) -> Record:
    """Send a MESSAGE again that was given up. One that carried a code or a link is not sent again:
    the person asks for a new one."""
    with write(tenant.id) as session:
        delivery_log.resend(session, CLI, message_id)
    return Record({"queued": True}, "It waits to be sent.")


COMMANDS = (doctor, test_send, set_password, set_connection, resend)


def _kept(tenant: Tenant, name: str, value: str) -> Record:
    with write(tenant.id) as session:
        secrets.put(session, CLI, name, value)
    return Record({"stored": True}, "It is stored.")


def _given(prompt: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _members(found: Finding) -> dict[str, str | None]:
    add = f"{found.add.name} {found.add.kind} {found.add.value}" if found.add else None
    return {"part": found.part, "state": found.state, "finding": found.sentence, "add": add}
