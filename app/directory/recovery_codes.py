"""Recovery codes: ten single-use codes a person keeps for when nothing else is at hand.

A set is one credential, which holds how its codes are stretched; each code is a row of
`app.single_use` bound to the set. So a new set kills the old one, and a code counts once.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import JSON, bindparam
from sqlalchemy.orm import Session

from app import clock, single_use
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import named, tenant_of
from app.directory import factors, permissions
from app.directory.errors import NotFound
from app.hashing import Stretching, hashing
from app.ids import new_id
from app.security import keyring

KIND = "recovery_code"
HOW_MANY = 10
STANDS_IN_FOR = frozenset({"totp", "passkey"})
"""The factors that a code may be given in place of."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U. Eight of these are 40 bits."""
_MISREAD = str.maketrans("OIL", "011")
_LENGTH = 8
_LONGEST = 100
_LIVES = 100 * 365 * 86_400
"""Seconds: a code does not age."""
_EPOCH = 0
"""Not the tenant's: raising that ends what is short-lived, and these must outlive an incident."""

_HOLD = named(
    """UPDATE "user" SET mfa_required = mfa_required
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased' RETURNING id"""
)
_DROP_SETS = named(
    """DELETE FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'recovery_code'
       RETURNING id"""
)
_ADD_SET = named(
    """INSERT INTO credential
         (tenant_id, id, created_at, user_id, kind, secret, details, row_version)
       VALUES (:tenant_id, :id, :now, :user_id, 'recovery_code', :secret, :details, 1)"""
).bindparams(bindparam("details", type_=JSON()))
_OPEN = named(
    """SELECT c.id AS set_id, c.secret, c.details, o.id, o.digest
       FROM credential c
       JOIN one_time o ON o.tenant_id = c.tenant_id AND o.kind = 'recovery_code'
         AND o.subject = c.user_id AND o.binding = c.id
       WHERE c.tenant_id = :tenant_id AND c.user_id = :user_id AND c.kind = 'recovery_code'
         AND o.consumed_at IS NULL AND o.expires_at > :now
       ORDER BY o.id"""
).columns(details=JSON())


@dataclass(frozen=True)
class NewCodes:
    """A fresh set: the codes in clear, to be shown once, and what is kept of them."""

    codes: tuple[str, ...]
    stretching: Stretching
    stretched: tuple[str, ...]


@dataclass(frozen=True)
class _Open:
    id: str
    digest: str


@dataclass(frozen=True)
class CodeSet:
    """What is left of a person's codes: how they are stretched, and the rows still open."""

    id: str
    stretching: Stretching
    open: tuple[_Open, ...]

    def match(self, code: str) -> str | None:
        """The id of the open row that `code` (in its normal form) redeems, or None. One stretch,
        outside any transaction; raises `app.hashing.Busy`."""
        (stretched,) = hashing().stretch(self.stretching, code)
        matches = [
            each.id
            for each in self.open
            if keyring().matches(each.digest, "one_time", KIND, each.id, stretched)
        ]
        return matches[0] if matches else None


def new_codes() -> NewCodes:
    """A set that no one has yet; hashes, so call it outside any transaction. Raises `Busy`."""
    bare = _distinct()
    stretching = hashing().new_stretching()
    stretched = hashing().stretch(stretching, *bare)
    return NewCodes(tuple(f"{code[:4]}-{code[4:]}" for code in bare), stretching, stretched)


def normal(text: str) -> str | None:
    """A code as it is compared, from however it was typed: lower case, without its hyphen, with
    letters that are mistaken for digits; None when it can be none."""
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(c for c in plain if not c.isspace() and c not in "-\u2010\u2011\u2013")
    code = kept.translate(_MISREAD)
    return code if len(code) == _LENGTH and set(code) <= set(_ALPHABET) else None


def replace(session: Session, actor: Actor, user_id: str, new: NewCodes) -> None:
    """Make `new` the codes of a user; those before are dead from then on. Raises `NotFound`."""
    permissions.demand(actor, "recovery_codes.replace", user_id)
    _drop(session, user_id)
    set_id = new_id("crd")
    values = {
        "tenant_id": tenant_of(session),
        "id": set_id,
        "now": clock.now(),
        "user_id": user_id,
        "secret": new.stretching.salt.hex(),
        "details": {
            "iterations": new.stretching.iterations,
            "memory_kib": new.stretching.memory_kib,
            "parallelism": new.stretching.parallelism,
        },
    }
    session.execute(_ADD_SET, values)
    for stretched in new.stretched:
        single_use.issue(
            session,
            KIND,
            subject=user_id,
            binding=set_id,
            secret=stretched,
            lives=_LIVES,
            epoch=_EPOCH,
        )
    record(session, events.RECOVERY_CODES_MADE, actor, subject_id=user_id)


def remove(session: Session, actor: Actor, user_id: str, *, reason: str | None = None) -> bool:
    """Kill the codes of a user for good; False when there were none. Raises `NotFound`."""
    permissions.demand(actor, "factor.remove", user_id)
    if not _drop(session, user_id):
        return False
    data = {"kind": KIND} | ({"reason": reason} if reason else {})
    record(session, events.FACTOR_REMOVED, actor, subject_id=user_id, data=data)
    return True


def remove_without_factor(session: Session, actor: Actor, user_id: str) -> None:
    """Kill the codes of a user who has no factor left that they could stand in for: whoever saw
    them must not keep a second factor of a user who sets one up anew."""
    permissions.demand(actor, "factor.remove", user_id)
    if not factors.of_user(session, user_id).kinds & STANDS_IN_FOR:
        remove(session, actor, user_id)


def of_user(session: Session, user_id: str) -> CodeSet | None:
    """What is left of the user's codes; None when nothing is. One statement."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    rows = session.execute(_OPEN, values).all()
    if not rows:
        return None
    first = rows[0]
    stretching = Stretching(bytes.fromhex(first.secret), **first.details)
    return CodeSet(first.set_id, stretching, tuple(_Open(row.id, row.digest) for row in rows))


def count(session: Session, user_id: str) -> int:
    """How many codes the user has left."""
    found = of_user(session, user_id)
    return len(found.open) if found else 0


def spend(session: Session, actor: Actor, user_id: str, set_id: str, row_id: str) -> bool:
    """Use up one code together with the caller's transaction; False when somebody else was first
    or the set has been replaced."""
    permissions.demand(actor, "recovery_codes.spend", user_id)
    row = single_use.consume(session, KIND, row_id, binding=set_id, epoch=_EPOCH)
    if row is None or row.subject != user_id:
        return False
    record(session, events.RECOVERY_CODE_USED, actor, subject_id=user_id)
    return True


def _drop(session: Session, user_id: str) -> bool:
    """The user's row is held first: of two requests at once the second must see the first's set."""
    key = {"tenant_id": tenant_of(session), "user_id": user_id}
    if session.execute(_HOLD, key).first() is None:
        raise NotFound("user")
    dropped = [row.id for row in session.execute(_DROP_SETS, key)]
    for set_id in dropped:
        single_use.supersede(session, KIND, subject=user_id, binding=set_id)
    return bool(dropped)


def _distinct() -> list[str]:
    codes: dict[str, None] = {}
    while len(codes) < HOW_MANY:
        codes["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))] = None
    return list(codes)
