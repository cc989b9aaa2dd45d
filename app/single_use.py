"""The only way anything counts once: try, consume, mark.

*try* counts the attempt and commits alone, before any comparison or hash, so that parallel guesses
cannot share one attempt and a wrong answer never rolls the count back. *consume* is one conditional
UPDATE that commits with its effects. *mark* remembers a foreign value. Nobody writes their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam
from sqlalchemy.orm import Session

from app import clock
from app.database import named, read, tenant_of, write
from app.ids import new_id
from app.models import Document, OneTime
from app.security import keyring

_LONGEST_VALUE = 200
_COLUMNS = (
    "id, kind, subject, binding, digest, payload, attempts, max_attempts, expires_at, consumed_at"
)
_TYPES = {"payload": OneTime.__table__.c.payload.type}

_INSERT_MARK = named(
    """INSERT INTO replay_mark (tenant_id, kind, digest, expires_at)
       VALUES (:tenant_id, :kind, :digest, :expires_at)
       ON CONFLICT DO NOTHING RETURNING digest"""
)
_FIND_MARK = named(
    """SELECT digest FROM replay_mark
       WHERE tenant_id = :tenant_id AND kind = :kind AND digest IN :digests"""
).bindparams(bindparam("digests", expanding=True))
_TRY = named(
    f"""UPDATE one_time SET attempts = attempts + 1
        WHERE tenant_id = :tenant_id AND kind = :kind AND id = :id AND binding = :binding
          AND attempts < max_attempts AND consumed_at IS NULL AND expires_at > :now
          AND epoch = :epoch
        RETURNING {_COLUMNS}"""  # noqa: S608
).columns(**_TYPES)
_CONSUME = named(
    f"""UPDATE one_time SET consumed_at = :now
        WHERE tenant_id = :tenant_id AND kind = :kind AND id = :id AND binding = :binding
          AND consumed_at IS NULL AND expires_at > :now AND epoch = :epoch
        RETURNING {_COLUMNS}"""  # noqa: S608
).columns(**_TYPES)
_FIND = named(
    f"""SELECT {_COLUMNS} FROM one_time
        WHERE tenant_id = :tenant_id AND kind = :kind AND id = :id"""  # noqa: S608
).columns(**_TYPES)
_SUPERSEDE = named(
    """UPDATE one_time SET consumed_at = :now
       WHERE tenant_id = :tenant_id AND kind = :kind AND subject = :subject AND binding = :binding
         AND consumed_at IS NULL RETURNING attempts"""
)


@dataclass(frozen=True)
class OneTimeRow:
    """A one-time row as it stands after a *try* or *consume*."""

    id: str
    kind: str
    subject: str
    binding: str
    digest: str
    payload: Document
    attempts: int
    max_attempts: int
    expires_at: int
    consumed_at: int | None

    @property
    def is_open(self) -> bool:
        """Whether it might still be consumed; decides nothing."""
        return self.consumed_at is None and self.expires_at > clock.now()

    def is_secret(self, secret: str) -> bool:
        """Whether `secret` is the one that this row was issued with; compares in constant time."""
        return keyring().matches(self.digest, "one_time", self.kind, self.id, secret)


def issue(
    session: Session,
    kind: str,
    *,
    subject: str,
    binding: str,
    secret: str,
    lives: int,
    epoch: int,
    max_attempts: int = 1,
    attempts: int = 0,
    payload: Mapping[str, Any] | None = None,
    id: str | None = None,
) -> str:
    """Write a row that can be redeemed once for `lives` seconds with `secret`; returns its id.

    The secret is kept as a keyed hash over the row's id, so a short code cannot be looked up.
    """
    row_id = id or new_id("otc")
    now = clock.now()
    session.add(
        OneTime(
            tenant_id=tenant_of(session),
            id=row_id,
            created_at=now,
            kind=kind,
            subject=subject,
            binding=binding,
            digest=keyring().hash("one_time", kind, row_id, secret),
            payload=dict(payload or {}),
            attempts=attempts,
            max_attempts=max_attempts,
            expires_at=now + lives * clock.SECOND,
            epoch=epoch,
        )
    )
    return row_id


def try_once(tenant_id: str, kind: str, id: str, *, binding: str, epoch: int) -> OneTimeRow | None:
    """Count one attempt and commit it; None when the row is unknown, spent, expired or exhausted.

    The caller compares the secret afterwards, so at most `max_attempts` guesses are ever compared.
    """
    with write(tenant_id) as session:
        return _row(
            session.execute(_TRY, _key(tenant_id, kind, id, binding=binding, epoch=epoch)).first()
        )


def consume(session: Session, kind: str, id: str, *, binding: str, epoch: int) -> OneTimeRow | None:
    """Spend the row inside the caller's transaction, with all that follows from it; None when
    somebody else was first, or it is unknown, expired, or bound to something else."""
    key = _key(tenant_of(session), kind, id, binding=binding, epoch=epoch)
    return _row(session.execute(_CONSUME, key).first())


def find(tenant_id: str, kind: str, id: str) -> OneTimeRow | None:
    """The row in whatever state it is; None when unknown. Decides nothing."""
    with read(tenant_id) as session:
        key = {"tenant_id": tenant_id, "kind": kind, "id": id}
        return _row(session.execute(_FIND, key).first())


def presented(tenant_id: str, kind: str, value: str) -> OneTimeRow | None:
    """The open row that `value` names by its id and its secret, with a dot between; None for any
    other text. A look: it spends nothing."""
    row_id, _, secret = value.partition(".")
    row = find(tenant_id, kind, row_id) if secret and len(value) <= _LONGEST_VALUE else None
    return row if row is not None and row.is_open and row.is_secret(secret) else None


def supersede(session: Session, kind: str, *, subject: str, binding: str) -> int:
    """Void the open rows of this kind, subject and binding; returns the most attempts any had,
    so that asking for a new code never resets the count."""
    key = {
        "tenant_id": tenant_of(session),
        "kind": kind,
        "subject": subject,
        "binding": binding,
        "now": clock.now(),
    }
    return max((row.attempts for row in session.execute(_SUPERSEDE, key)), default=0)


def mark(session: Session, kind: str, value: str, *, until: int) -> bool:
    """Remember a foreign value until `until` (milliseconds); False when it was seen before."""
    newest, *older = keyring().hashes("replay_mark", kind, value)
    key = {"tenant_id": tenant_of(session), "kind": kind}
    if older and session.execute(_FIND_MARK, {**key, "digests": older}).first():
        return False
    inserted = session.execute(_INSERT_MARK, {**key, "digest": newest, "expires_at": until})
    return inserted.first() is not None


def _key(tenant_id: str, kind: str, id: str, *, binding: str, epoch: int) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "kind": kind,
        "id": id,
        "binding": binding,
        "epoch": epoch,
        "now": clock.now(),
    }


def _row(found: Row[Any] | None) -> OneTimeRow | None:
    return OneTimeRow(**found._mapping) if found else None
