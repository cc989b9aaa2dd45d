"""Mails of a tenant with a server of its own: how it is set up, what is queued, how it went."""

from typing import Any

from flask import Flask

from app import worker
from app.actor import CLI
from app.database import read, write
from app.delivery import delivery_log, outbox
from app.delivery.delivery_log import Attempt
from app.delivery.outbox import Purpose, Sending, queue_mail
from app.directory import secrets, settings_store, tenants
from app.directory.tenants import Tenant

CODE = "042917"
_VALUES = {"code": CODE, "minutes": "10", "app": "Shop"}


def allow(app: Flask, *addresses: str) -> None:
    """Let outgoing connections reach these servers on loopback."""
    bound = app.config["AUTHPAGE"]
    app.config["AUTHPAGE"] = bound.model_copy(update={"outbound_allow": addresses})


def set_up(tenant: Tenant, secret: tuple[str, str] | None = None, **mail: Any) -> Tenant:
    """The tenant with these settings of its mails, and a secret by name."""
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "mail", mail)
        if secret is not None:
            secrets.put(session, CLI, *secret)
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found


def queue(
    tenant: Tenant,
    to: str = "jane@example.com",
    purpose: Purpose = "sign_in_code",
    *,
    lives: int = 600,
    carries_secret: bool = True,
) -> str:
    """A mail that waits; its id."""
    with write(tenant.id) as session:
        return queue_mail(
            session,
            tenant,
            purpose,
            to=to,
            values=_VALUES if carries_secret else {},
            locale="en",
            carries_secret=carries_secret,
            lives=lives,
        )


def drain() -> None:
    """Let the worker do all that is due now."""
    for _ in range(20):
        if not worker.run_once():
            return
    raise AssertionError("never done")


def sending(tenant: Tenant, message_id: str) -> Sending:
    """The message's row in the delivery log."""
    with read(tenant.id) as session:
        return next(row for row in outbox.list_page(session).items if row.id == message_id)


def attempts(tenant: Tenant, message_id: str) -> list[tuple[str, str | None]]:
    """How each attempt ended and why, the oldest first."""
    with read(tenant.id) as session:
        found: tuple[Attempt, ...] = delivery_log.attempts(session, message_id)
    return [(each.outcome, each.reason) for each in found]
