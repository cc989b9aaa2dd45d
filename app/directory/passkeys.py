"""People's passkeys: the only writer of their rows."""

from dataclasses import dataclass

from sqlalchemy import JSON, LargeBinary, bindparam

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import names, permissions, recovery_codes, trusted_devices
from app.directory.errors import NotFound
from app.ids import new_id
from app.models import Document

KIND = "passkey"
MOST = 30
"""Passkeys of one person; beyond that one is removed before another is made."""
LONGEST_LABEL = 60

_ADD = named(
    """INSERT INTO credential (tenant_id, id, created_at, user_id, kind, label, secret, external_id,
         counter, details, last_used_at, row_version)
       SELECT :tenant_id, :id, :now, :user_id, 'passkey', :label, :public_key, :external_id,
         :counter, :details, NULL, 1
       WHERE (SELECT count(*) FROM credential
              WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'passkey') < :most
       ON CONFLICT DO NOTHING RETURNING id"""
).bindparams(bindparam("details", type_=JSON()))
_FIND = named(
    """SELECT c.id, c.user_id, c.external_id, c.secret AS public_key, c.counter, c.details, u.handle
       FROM credential c
       JOIN "user" u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
       WHERE c.tenant_id = :tenant_id AND c.external_id = :external_id AND c.kind = 'passkey'"""
).columns(details=JSON(), handle=LargeBinary())
_LIST = named(
    """SELECT id, label, external_id, details, created_at, last_used_at FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'passkey'
       ORDER BY created_at, id"""
).columns(details=JSON())
_USE = named(
    """UPDATE credential SET counter = :counter, details = :details, last_used_at = :now
       WHERE tenant_id = :tenant_id AND id = :id AND kind = 'passkey'
         AND (counter < :counter OR (counter = 0 AND :counter = 0)) RETURNING id"""
).bindparams(bindparam("details", type_=JSON()))
_RENAME = named(
    """UPDATE credential SET label = :label, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :id AND user_id = :user_id AND kind = 'passkey'
       RETURNING id"""
)
_REMOVE = named(
    """DELETE FROM credential
       WHERE tenant_id = :tenant_id AND id = :id AND user_id = :user_id AND kind = 'passkey'
       RETURNING label"""
)
_OFFERED = named(
    """UPDATE "user" SET passkey_offered_at = :now
       WHERE tenant_id = :tenant_id AND id = :user_id"""
)


@dataclass(frozen=True)
class NewPasskey:
    """A passkey that was verified and may be kept."""

    external_id: str
    """The credential id, in base64url."""
    public_key: str
    """COSE, in base64url."""
    counter: int
    label: str
    details: Document
    """`aaguid`, `transports`, `device_type`, `backed_up`, `uv` and the authenticator's `name`."""


@dataclass(frozen=True)
class StoredPasskey:
    """A passkey with what verifies it, and the handle of its owner."""

    id: str
    user_id: str
    external_id: str
    public_key: str
    counter: int
    details: Document
    handle: bytes


@dataclass(frozen=True)
class ListedPasskey:
    """A passkey in its owner's list. Times in milliseconds."""

    id: str
    label: str
    external_id: str
    details: Document
    created_at: int
    last_used_at: int | None

    @property
    def transports(self) -> list[str]:
        """How its authenticator is reached, as the browser said when it was made."""
        return list(self.details.get("transports", ()))

    @property
    def is_backed_up(self) -> bool:
        """Whether it is kept in more than one place, so that a lost device is no lost passkey."""
        return bool(self.details.get("backed_up"))


def add(session: Session, actor: Actor, user_id: str, new: NewPasskey) -> str | None:
    """Keep a passkey; returns the id of its row. None when the tenant has that credential already,
    or the person has as many as they may have."""
    permissions.demand(actor, "passkey.add", user_id)
    values = {
        "tenant_id": tenant_of(session),
        "id": new_id("crd"),
        "now": clock.now(),
        "user_id": user_id,
        "label": _clean(new.label),
        "public_key": new.public_key,
        "external_id": new.external_id,
        "counter": new.counter,
        "details": new.details,
        "most": MOST,
    }
    row = session.execute(_ADD, values).first()
    if row is None:
        return None
    row_id: str = row.id
    data = {"aaguid": new.details.get("aaguid"), "name": new.details.get("name")}
    targets = [("credential", row_id)]
    record(session, events.PASSKEY_ADDED, actor, subject_id=user_id, targets=targets, data=data)
    return row_id


def find(session: Session, external_id: str) -> StoredPasskey | None:
    """The passkey of this tenant with that credential id; None when there is none here."""
    values = {"tenant_id": tenant_of(session), "external_id": external_id}
    row = session.execute(_FIND, values).first()
    return StoredPasskey(**row._mapping) if row else None


def list_of_user(session: Session, user_id: str) -> list[ListedPasskey]:
    """The person's passkeys, oldest first; one statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    return [ListedPasskey(**row._mapping) for row in session.execute(_LIST, values)]


def use(
    session: Session, actor: Actor, stored: StoredPasskey, counter: int, backed_up: bool
) -> bool:
    """Note that a passkey signed, with its new counter; False when the row's counter is not below
    it any more, or the passkey is gone.

    A counter that stays at zero counts nothing, as with all passkeys that are kept in a cloud.
    """
    permissions.demand(actor, "passkey.use", stored.user_id)
    values = {
        "tenant_id": tenant_of(session),
        "id": stored.id,
        "now": clock.now(),
        "counter": counter,
        "details": {**stored.details, "backed_up": backed_up},
    }
    return session.execute(_USE, values).first() is not None


def rename(session: Session, actor: Actor, user_id: str, id: str, label: str) -> None:
    """Give one of the person's passkeys another name; raises `BadValue` for an empty one and
    `NotFound`."""
    permissions.demand(actor, "passkey.rename", user_id)
    values = {
        **_key(session, user_id, id),
        "label": names.required("label", label, most=LONGEST_LABEL),
    }
    if session.execute(_RENAME, values).first() is None:
        raise NotFound("passkey")
    targets = [("credential", id)]
    record(session, events.PASSKEY_RENAMED, actor, subject_id=user_id, targets=targets)


def remove(
    session: Session, actor: Actor, user_id: str, id: str, *, reason: str | None = None
) -> str:
    """Forget one of the person's passkeys, and with the last factor the recovery codes; returns
    its name. Raises `NotFound`. Whether it is the last way in, the caller has looked
    (`directory.ways_in`)."""
    permissions.demand(actor, "passkey.remove", user_id)
    removed = session.execute(_REMOVE, _key(session, user_id, id)).first()
    if removed is None:
        raise NotFound("passkey")
    trusted_devices.end_all_of_user(session, actor, user_id, "factor_removed")
    recovery_codes.remove_without_factor(session, actor, user_id)
    targets, data = [("credential", id)], {"reason": reason} if reason else {}
    record(session, events.PASSKEY_REMOVED, actor, subject_id=user_id, targets=targets, data=data)
    label: str = removed.label
    return label


def note_offer(session: Session, actor: Actor, user_id: str) -> None:
    """Remember that the person was offered a passkey and wanted none, for now."""
    permissions.demand(actor, "passkey.add", user_id)
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    session.execute(_OFFERED, values)


def _key(session: Session, user_id: str, id: str) -> dict[str, str]:
    return {"tenant_id": tenant_of(session), "user_id": user_id, "id": id}


def _clean(label: str) -> str:
    return names.clean(label, most=LONGEST_LABEL) or "Passkey"
