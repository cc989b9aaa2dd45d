"""A tenant with a Twilio account on a server of this machine, and how its messages went."""

from typing import Any

from app import worker
from app.actor import CLI
from app.audit import log as audit_log
from app.database import read, write
from app.delivery import outbox
from app.delivery.outbox import Sending, SmsPurpose, queue_sms
from app.directory import secrets, settings_store, tenants
from app.directory.tenants import Tenant
from tests.doubles.twilio_server import SENDER, SID, TOKEN

JANE, SAM, KIM = "+4915123456789", "+41446681800", "+14155550199"
CODE = "042917"


def set_up(tenant: Tenant, token: str | None = TOKEN, **sms: Any) -> Tenant:
    """The tenant with Twilio's account, and these settings of the section beside."""
    with write(tenant.id) as session:
        document = {"account_sid": SID, "sender": SENDER, **sms}
        settings_store.publish(session, CLI, "sms", document)
        if token is not None:
            secrets.put(session, CLI, secrets.OF_TWILIO, token)
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found


def queue(
    tenant: Tenant, *numbers: str, lives: int = 600, purpose: SmsPurpose = "sign_in_code"
) -> list[str]:
    """Messages with a code, one for each number; their ids."""
    with write(tenant.id) as session:
        return [
            queue_sms(
                session,
                tenant,
                purpose,
                to=number,
                values={"code": CODE, "minutes": "10"},
                locale="en",
                carries_secret=True,
                lives=lives,
            )
            for number in numbers
        ]


def drain(rounds: int = 50) -> None:
    """Let the worker do all that is due."""
    for _ in range(rounds):
        if not worker.run_once():
            return
    raise AssertionError("never done")


def log(tenant: Tenant) -> dict[str, Sending]:
    """The delivery log by id."""
    with read(tenant.id) as session:
        return {each.id: each for each in outbox.list_page(session, limit=100).items}


def outcomes(tenant: Tenant) -> list[tuple[str, str, str | None]]:
    """Recipient, state and last error of every message, oldest first."""
    found = reversed(log(tenant).values())
    return [(each.recipient, each.state, each.last_error) for each in found]


def events(tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    """The audit log, oldest first."""
    with read(tenant.id) as session:
        entries = audit_log.list_page(session, limit=500).items
    return [(each.event, each.data) for each in reversed(entries)]
