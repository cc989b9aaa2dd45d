"""What a person could be proven with beyond the first factor, and what is asked of them alone."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Row
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import named, tenant_of
from app.directory import permissions
from app.directory.errors import NotFound

KINDS = ("passkey", "totp", "recovery_code", "sms_code", "email_code")
"""The keys of the methods that may be a second factor."""

_FACTORS = named(
    """SELECT u.mfa_required, u.enrolments_put_off, u.passkey_offered_at, u.breached_sign_ins,
         u.new_password_required_at IS NOT NULL AND EXISTS (SELECT 1 FROM credential c
           WHERE c.tenant_id = u.tenant_id AND c.user_id = u.id
             AND c.kind = 'password') AS password_due,
         EXISTS (SELECT 1 FROM credential c
           WHERE c.tenant_id = u.tenant_id AND c.user_id = u.id AND c.kind = 'passkey') AS passkey,
         EXISTS (SELECT 1 FROM credential c
           WHERE c.tenant_id = u.tenant_id AND c.user_id = u.id AND c.kind = 'totp') AS totp,
         EXISTS (SELECT 1 FROM credential c
           JOIN one_time o ON o.tenant_id = c.tenant_id AND o.kind = 'recovery_code'
             AND o.subject = c.user_id AND o.binding = c.id
           WHERE c.tenant_id = u.tenant_id AND c.user_id = u.id AND c.kind = 'recovery_code'
             AND o.consumed_at IS NULL AND o.expires_at > :now) AS recovery_code,
         EXISTS (SELECT 1 FROM identifier i
           WHERE i.tenant_id = u.tenant_id AND i.user_id = u.id AND i.kind = 'phone'
             AND i.verified_at IS NOT NULL) AS sms_code,
         EXISTS (SELECT 1 FROM identifier i
           WHERE i.tenant_id = u.tenant_id AND i.user_id = u.id AND i.kind = 'email'
             AND i.verified_at IS NOT NULL) AS email_code
       FROM "user" u WHERE u.tenant_id = :tenant_id AND u.id = :user_id"""
).columns(mfa_required=Boolean(), password_due=Boolean(), **dict.fromkeys(KINDS, Boolean()))


_PUT_OFF = named(
    """UPDATE "user" SET enrolments_put_off = enrolments_put_off + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND enrolments_put_off < :most
       RETURNING enrolments_put_off"""
)


@dataclass(frozen=True)
class Factors:
    """The second factors that a person has, and the person's own rows of the policy."""

    kinds: frozenset[str]
    """Keys of methods out of `KINDS`; whether the tenant takes them is another question."""
    mfa_required: bool
    """Whether this very person needs a second factor, whatever is asked of everybody."""
    enrolments_put_off: int
    passkey_offered_at: int | None
    """When a passkey was last offered and declined, in milliseconds."""
    breached_sign_ins: int
    password_due: bool = False
    """Whether another password is required of them."""


NONE = Factors(frozenset(), False, 0, None, 0)
"""The factors of somebody who is no user yet."""


def of_user(session: Session, user_id: str) -> Factors:
    """The factors of a user, in one statement; raises `NotFound`."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    row = session.execute(_FACTORS, values).first()
    if row is None:
        raise NotFound("user")
    return Factors(
        _kinds(row),
        row.mfa_required,
        row.enrolments_put_off,
        row.passkey_offered_at,
        row.breached_sign_ins,
        row.password_due,
    )


def put_off(session: Session, actor: Actor, user_id: str, most: int) -> bool:
    """Count that a person put off setting up a second factor that is required; False when they did
    that `most` times already, however many browsers ask at once."""
    permissions.demand(actor, "user.put_off_enrolment", user_id)
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "most": most}
    counted = session.scalar(_PUT_OFF, values)
    if counted is None:
        return False
    record(session, events.ENROLMENT_PUT_OFF, actor, subject_id=user_id)
    return True


def _kinds(row: Row[tuple[object, ...]]) -> frozenset[str]:
    return frozenset(kind for kind in KINDS if row._mapping[kind])
