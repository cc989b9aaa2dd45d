"""Support lets somebody in again who lost every second factor: slowly, and in everybody's sight."""

from dataclasses import dataclass

from app import clock, single_use
from app.actor import Actor
from app.database import Session, read, write
from app.delivery import notices, sms_guard
from app.delivery.outbox import queue_sms
from app.directory import contacts, people, sessions, support_recovery, trusted_devices
from app.directory.errors import NotFound, Refused
from app.directory.people import Person
from app.directory.support_recovery import KIND, Waiting
from app.directory.tenants import Tenant
from app.single_use import OneTimeRow

_SMS_LIVES = 86_400
_BECAUSE = "support_recovery"


class Unreachable(Refused):
    """The user has no verified address that a recovery could be sent to."""

    def __init__(self) -> None:
        super().__init__("The user has no verified email address.")


def start(tenant: Tenant, actor: Actor, user_id: str, reason: str) -> Waiting:
    """Start a recovery for a user and tell them on every channel at once; it may be used after the
    tenant's delay.

    Raises `NotFound` for a user who is not active, `Unreachable`, and `Forbidden`.
    """
    person = _person(tenant, user_id)
    if person is None:
        raise NotFound("active user")
    if person.email is None or not person.email_verified:
        raise Unreachable
    locale = person.locale or tenant.settings.texts.default_locale
    phones = [each for each in _phones(tenant, user_id) if not sms_guard.allow(tenant, each)]
    with write(tenant.id) as session:
        waiting = support_recovery.start(
            session, actor, tenant, user_id, address=person.email, reason=reason, locale=locale
        )
        for phone in phones:
            queue_sms(
                session,
                tenant,
                "recovery_started",
                to=phone,
                values={},
                locale=locale,
                carries_secret=False,
                lives=_SMS_LIVES,
            )
    return waiting


@dataclass(frozen=True)
class Opened:
    """A recovery that may be used now."""

    row_id: str
    person: Person


def opened(tenant: Tenant, token: str) -> Opened | None:
    """The recovery that the link opens, and whom it lets in; None when it is not one, too early,
    too old, used or voided, or the person may sign in no more. Changes nothing."""
    row = _row(tenant, token)
    person = _person(tenant, row.subject) if row else None
    return Opened(row.id, person) if row and person else None


def finish(
    session: Session, tenant: Tenant, actor: Actor, row_id: str, *, began_at: int, locale: str
) -> bool:
    """Spend the recovery in the transaction in which the person gets in: every second factor from
    before goes, every session and every trust ends, and the person is told. False when it was used
    or voided meanwhile; of parallel uses one succeeds."""
    user_id = actor.id
    assert user_id is not None
    if not support_recovery.use(session, actor, tenant, user_id, row_id, before=began_at):
        return False
    trusted_devices.end_all_of_user(session, actor, user_id, _BECAUSE)
    sessions.end_all_of_user(session, actor, user_id, _BECAUSE)
    notices.tell(session, tenant, user_id, "recovery_used", {}, locale)
    return True


def _row(tenant: Tenant, token: str) -> OneTimeRow | None:
    row = single_use.presented(tenant.id, KIND, token)
    if row is None:
        return None
    return row if support_recovery.opens_at(row) <= clock.now() else None


def _person(tenant: Tenant, user_id: str) -> Person | None:
    with read(tenant.id) as session:
        person = people.snapshot_of(session, user_id)
    return person if person and person.is_active else None


def _phones(tenant: Tenant, user_id: str) -> list[str]:
    with read(tenant.id) as session:
        listed = contacts.list_of_user(session, user_id)
    return [each.key for each in listed if each.kind == "phone" and each.is_verified]
