"""A recovery that support starts for somebody who lost every second factor.

It waits before it may be used, so that the person, told on every channel, can object; a sign-in in
the meantime shows that nobody is locked out, and voids it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam

from app import clock, single_use, text
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.delivery import notices, outbox
from app.delivery.outbox import queue_mail
from app.directory import names, pending_contacts, permissions, ways_in
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import OneTime
from app.security import random_token
from app.single_use import OneTimeRow

KIND = "support_recovery"
_USABLE = 7 * 86_400
"""Seconds for which it may be used once its time has come."""
_LONGEST_REASON = 500
_OPEN = named(
    """SELECT id, subject, payload, created_at, expires_at FROM one_time
       WHERE tenant_id = :tenant_id AND kind = 'support_recovery' AND consumed_at IS NULL
         AND expires_at > :now AND epoch = :epoch
       ORDER BY id DESC"""
).columns(payload=OneTime.__table__.c.payload.type)
_VOID = named(
    """UPDATE one_time SET consumed_at = :now
       WHERE tenant_id = :tenant_id AND kind = 'support_recovery' AND subject = :user_id
         AND consumed_at IS NULL
       RETURNING id, payload"""
).columns(payload=OneTime.__table__.c.payload.type)
_FORMER_FACTORS = named(
    """SELECT id, kind FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind <> 'password'
         AND created_at < :before"""
)
_DROP = named(
    """DELETE FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id IN :ids"""
).bindparams(bindparam("ids", expanding=True))


@dataclass(frozen=True)
class Waiting:
    """A recovery that was neither used nor voided. Times in milliseconds."""

    id: str
    user_id: str
    reason: str
    started_by: str
    started_at: int
    opens_at: int
    expires_at: int


def start(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    user_id: str,
    *,
    address: str,
    reason: str,
    locale: str,
) -> Waiting:
    """Let a recovery wait, in place of any earlier one: the person hears of it at once by mail,
    with a link that calls it off, and at `address` gets the link that uses it in due time."""
    permissions.demand(actor, "user.start_recovery", user_id)
    _void(session, user_id)
    waiting = _waiting_from_now(tenant, user_id, actor, reason)
    secret = random_token()
    message_id = _queue_link(session, tenant, waiting, address, secret, locale)
    _issue(session, tenant, waiting, secret, message_id)
    values = {"due": text.moment(waiting.opens_at, locale)}
    notices.tell(session, tenant, user_id, "recovery_started", values, locale)
    data = {"reason": waiting.reason, "opens_at": waiting.opens_at}
    record(session, events.SUPPORT_RECOVERY_STARTED, actor, subject_id=user_id, data=data)
    return waiting


def void(session: Session, actor: Actor, user_id: str, because: str) -> bool:
    """Let nobody use the recovery that waits for this user; False when none does."""
    permissions.demand(actor, "user.void_recovery", user_id)
    if not _void(session, user_id):
        return False
    data = {"because": because}
    record(session, events.SUPPORT_RECOVERY_VOIDED, actor, subject_id=user_id, data=data)
    return True


def use(
    session: Session, actor: Actor, tenant: Tenant, user_id: str, row_id: str, *, before: int
) -> bool:
    """Spend a recovery whose time has come, in the transaction in which the person gets in:
    whatever was a second factor `before` that moment (milliseconds) is gone, and what was about to
    be added. A passkey that is the last way in stays. False when it was spent or voided before."""
    permissions.demand(actor, "user.use_recovery", user_id)
    if single_use.consume(session, KIND, row_id, binding=user_id, epoch=tenant.epoch) is None:
        return False
    _drop_former(session, tenant, user_id, before)
    pending_contacts.void(session, user_id)
    record(session, events.SUPPORT_RECOVERY_USED, actor, subject_id=user_id)
    return True


def list_open(session: Session, tenant: Tenant) -> list[Waiting]:
    """The recoveries of the tenant that wait or may be used now, newest first."""
    values = {"tenant_id": tenant_of(session), "now": clock.now(), "epoch": tenant.epoch}
    return [_waiting(row) for row in session.execute(_OPEN, values)]


def opens_at(row: OneTimeRow) -> int:
    """When the recovery of this row may be used, in milliseconds."""
    moment: int = row.payload["opens_at"]
    return moment


def _drop_former(session: Session, tenant: Tenant, user_id: str, before: int) -> None:
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    former = session.execute(_FORMER_FACTORS, {**key, "before": before}).all()
    ids = [row.id for row in former]
    if not ways_in.remaining(session, tenant, user_id, ids).first:
        ids = [row.id for row in former if row.kind != "passkey"]
    session.execute(_DROP, {**key, "ids": ids})


def _waiting_from_now(tenant: Tenant, user_id: str, actor: Actor, reason: str) -> Waiting:
    now = clock.now()
    moment = now + tenant.settings.policy.support_recovery_delay * clock.SECOND
    said = names.clean(reason, most=_LONGEST_REASON)
    return Waiting(
        new_id("otc"), user_id, said, str(actor), now, moment, moment + _USABLE * clock.SECOND
    )


def _queue_link(
    session: Session, tenant: Tenant, waiting: Waiting, to: str, secret: str, locale: str
) -> str:
    link = f"{tenant.base_url}/recovery?token={waiting.id}.{secret}"
    return queue_mail(
        session,
        tenant,
        "support_recovery",
        to=to,
        values={"link": link},
        locale=locale,
        carries_secret=True,
        lives=_USABLE,
        not_before=waiting.opens_at,
    )


def _issue(
    session: Session, tenant: Tenant, waiting: Waiting, secret: str, message_id: str
) -> None:
    single_use.issue(
        session,
        KIND,
        id=waiting.id,
        subject=waiting.user_id,
        binding=waiting.user_id,
        secret=secret,
        lives=(waiting.expires_at - clock.now()) // clock.SECOND,
        epoch=tenant.epoch,
        payload={
            "opens_at": waiting.opens_at,
            "reason": waiting.reason,
            "by": waiting.started_by,
            "message_id": message_id,
        },
    )


def _void(session: Session, user_id: str) -> bool:
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    rows = session.execute(_VOID, values).all()
    for row in rows:
        outbox.withdraw(session, row.payload["message_id"])
    return bool(rows)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        row.id,
        row.subject,
        row.payload["reason"],
        row.payload["by"],
        row.created_at,
        row.payload["opens_at"],
        row.expires_at,
    )
