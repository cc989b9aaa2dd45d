"""Authenticator apps: TOTP secrets (RFC 6238) of people, sealed, several for each, by name."""

import base64
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import named, tenant_of
from app.directory import names, permissions, recovery_codes, trusted_devices
from app.directory.errors import NotFound, Refused
from app.ids import new_id
from app.security import keyring

MOST = 5
"""Authenticators of one person: each is one more code that a guess may hit."""
LONGEST_LABEL = 60

_HOLD = named(
    """UPDATE "user" SET mfa_required = mfa_required
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased' RETURNING id"""
)
_ADD = named(
    """INSERT INTO credential
         (tenant_id, id, created_at, user_id, kind, label, secret, counter, row_version)
       VALUES (:tenant_id, :id, :now, :user_id, 'totp', :label, :secret, :counter, 1)"""
)
_LIST = named(
    """SELECT id, label, secret, counter, created_at, last_used_at FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'totp' ORDER BY id"""
)
_RENAME = named(
    """UPDATE credential SET label = :label, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id = :id AND kind = 'totp'
       RETURNING id"""
)
_REMOVE = named(
    """DELETE FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id = :id AND kind = 'totp'
       RETURNING label"""
)
_ACCEPT_STEP = named(
    """UPDATE credential SET counter = :step, last_used_at = :now
       WHERE tenant_id = :tenant_id AND id = :id AND kind = 'totp' AND counter < :step
       RETURNING id"""
)


class TooMany(Refused):
    """The person has as many authenticators as one may have."""

    def __init__(self) -> None:
        super().__init__(f"Nobody may have more than {MOST} authenticators.")


@dataclass(frozen=True)
class Authenticator:
    """One authenticator app as its owner sees it; the secret is never shown again (M03)."""

    id: str
    label: str | None
    created_at: int
    last_used_at: int | None


@dataclass(frozen=True)
class Seed:
    """What the codes of one authenticator are made from, and the last step that was accepted."""

    id: str
    secret: str
    """Base 32."""
    counter: int


def list_of_user(session: Session, user_id: str) -> tuple[Authenticator, ...]:
    """The authenticators of a user, oldest first; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    return tuple(
        Authenticator(row.id, row.label, row.created_at, row.last_used_at)
        for row in session.execute(_LIST, values)
    )


def seeds_of_user(session: Session, user_id: str) -> tuple[Seed, ...]:
    """What a code of the user may be made from, oldest first; one statement."""
    tenant_id = tenant_of(session)
    rows = session.execute(_LIST, {"tenant_id": tenant_id, "user_id": user_id})
    return tuple(
        Seed(row.id, _unsealed(tenant_id, row.id, row.secret), row.counter) for row in rows
    )


def add(
    session: Session, actor: Actor, user_id: str, *, secret: str, label: str | None, step: int
) -> str:
    """Keep a secret (base 32) that was confirmed by the code of `step`; returns the row's id.

    Raises `TooMany`, and `NotFound` for a user who is gone.
    """
    permissions.demand(actor, "factor.add", user_id)
    tenant_id, row_id = tenant_of(session), new_id("crd")
    key = {"tenant_id": tenant_id, "user_id": user_id}
    if session.execute(_HOLD, key).first() is None:  # Two at once must not both be the last.
        raise NotFound("user")
    if len(session.execute(_LIST, key).all()) >= MOST:
        raise TooMany
    values = {
        **key,
        "id": row_id,
        "now": clock.now(),
        "label": _label(label),
        "secret": base64.b64encode(
            keyring().seal(secret.encode(), _context(tenant_id, row_id))
        ).decode(),
        "counter": step,
    }
    session.execute(_ADD, values)
    _note(session, events.FACTOR_ADDED, actor, user_id, row_id)
    return row_id


def rename(session: Session, actor: Actor, user_id: str, id: str, label: str) -> None:
    """Give an authenticator another name; an empty one takes it away. Raises `NotFound`."""
    permissions.demand(actor, "factor.rename", user_id)
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "id": _key(id),
        "label": _label(label),
    }
    if session.execute(_RENAME, values).first() is None:
        raise NotFound("authenticator")
    _note(session, events.FACTOR_RENAMED, actor, user_id, id)


def remove(
    session: Session, actor: Actor, user_id: str, id: str, *, reason: str | None = None
) -> str | None:
    """Take an authenticator away; returns its name. With the last factor go the recovery codes.
    Raises `NotFound`. That something else is left to prove the person with is the caller's care."""
    permissions.demand(actor, "factor.remove", user_id)
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "id": _key(id)}
    removed = session.execute(_REMOVE, values).first()
    if removed is None:
        raise NotFound("authenticator")
    trusted_devices.end_all_of_user(session, actor, user_id, "factor_removed")
    recovery_codes.remove_without_factor(session, actor, user_id)
    _note(session, events.FACTOR_REMOVED, actor, user_id, id, reason)
    label: str | None = removed.label
    return label


def accept_step(session: Session, id: str, step: int) -> bool:
    """Spend the code of one time step together with the caller's transaction; False when a code of
    this step or a later one was accepted before (RFC 6238, section 5.2), or the row is gone."""
    values = {"tenant_id": tenant_of(session), "id": id, "step": step, "now": clock.now()}
    return session.execute(_ACCEPT_STEP, values).first() is not None


def _note(
    session: Session,
    event: str,
    actor: Actor,
    user_id: str,
    id: str,
    reason: str | None = None,
) -> None:
    data = {"kind": "totp"} | ({"reason": reason} if reason else {})
    record(session, event, actor, subject_id=user_id, targets=[("credential", id)], data=data)


def _label(label: str | None) -> str | None:
    return names.clean(label or "", most=LONGEST_LABEL) or None


def _key(id: str) -> str:
    if not names.is_key(id):
        raise NotFound("authenticator")
    return id


def _unsealed(tenant_id: str, row_id: str, secret: str) -> str:
    return keyring().unseal(base64.b64decode(secret), _context(tenant_id, row_id)).decode()


def _context(tenant_id: str, row_id: str) -> str:
    return f"{tenant_id}/credential/{row_id}"
