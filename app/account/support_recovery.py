"""Support lets somebody in again who lost every second factor: slowly, and in everybody's sight."""

from app import clock, single_use
from app.actor import Actor
from app.database import read, write
from app.delivery import sms_guard
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


def person_of(tenant: Tenant, token: str) -> Person | None:
    """Whom the link lets in; None when it is not one, too early, too old, used or voided, or the
    person may sign in no more. Changes nothing."""
    row = _row(tenant, token)
    return _person(tenant, row.subject) if row else None


def use(tenant: Tenant, actor: Actor, token: str) -> Person | None:
    """Spend the link: every second factor goes, every session and every trust ends. The person who
    is let in, None when the link is good for nothing; of parallel uses one succeeds."""
    row = _row(tenant, token)
    person = _person(tenant, row.subject) if row else None
    if row is None or person is None:
        return None
    acting = Actor("user", row.subject, actor.address, actor.user_agent, actor.request_id)
    with write(tenant.id) as session:
        if not support_recovery.use(session, acting, tenant, row.subject, row.id):
            return None
        trusted_devices.end_all_of_user(session, acting, row.subject, _BECAUSE)
        sessions.end_all_of_user(session, acting, row.subject, _BECAUSE)
    return person


def _row(tenant: Tenant, token: str) -> OneTimeRow | None:
    row_id, _, secret = token.partition(".")
    row = single_use.find(tenant.id, KIND, row_id)
    if row is None or not row.is_open or not row.is_secret(secret):
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
