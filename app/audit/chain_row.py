"""The row that says how far a tenant's chain goes. What it says is signed, so that whoever can
write to the database, but has no root key, cannot have the sealer go on from a forged end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import JSON, bindparam, select

from app import clock
from app.audit import head as heads
from app.audit.chain import GENESIS
from app.audit.head import BadHead, Head
from app.database import Session, named, tenant_of
from app.models import AuditChain
from app.security import keyring

_CREATE = named(
    """INSERT INTO audit_chain (tenant_id, sequence, hash, anchor_sequence, anchor_hash, marks,
         look_at)
       VALUES (:tenant_id, 0, :genesis, 0, :genesis, '{}', :now)
       ON CONFLICT (tenant_id) DO NOTHING"""
)
_SAVE = named(
    """UPDATE audit_chain SET sequence = :sequence, hash = :hash,
         anchor_sequence = :anchor_sequence, anchor_hash = :anchor_hash, marks = :marks,
         head = :head
       WHERE tenant_id = :tenant_id"""
).bindparams(bindparam("marks", type_=JSON))


class ChainBroken(Exception):
    """What the row says was not signed by us: somebody wrote to the database beside AuthPage."""


@dataclass(frozen=True)
class Chain:
    """How far a tenant's chain goes, and from where on its events are still there."""

    tenant_id: str
    sequence: int = 0
    hash: str = GENESIS
    anchor_sequence: int = 0
    anchor_hash: str = GENESIS
    marks: Mapping[str, int] = field(default_factory=dict)
    head: str | None = None

    def unsigned(self, at: int) -> Head:
        """What is to be signed of it."""
        return Head(
            tenant=self.tenant_id,
            sequence=self.sequence,
            hash=self.hash,
            anchor_sequence=self.anchor_sequence,
            anchor_hash=self.anchor_hash,
            marks=dict(self.marks),
            at=at,
        )


def load(session: Session) -> Chain:
    """The tenant's chain; an empty one before its first event was sealed. Raises `ChainBroken`."""
    return _checked(_read(session, lock=False) or Chain(tenant_of(session)))


def lock(session: Session) -> Chain:
    """The tenant's chain, which nobody else can change before this transaction ends; raises
    `ChainBroken`."""
    values = {"tenant_id": tenant_of(session), "genesis": GENESIS, "now": clock.now()}
    session.execute(_CREATE, values)
    found = _read(session, lock=True)
    assert found is not None
    return _checked(found)


def save(session: Session, chain: Chain) -> None:
    """Write the chain, with its head signed anew."""
    signed = heads.sign(keyring(), chain.unsigned(clock.now()))
    values = {
        "tenant_id": tenant_of(session),
        "sequence": chain.sequence,
        "hash": chain.hash,
        "anchor_sequence": chain.anchor_sequence,
        "anchor_hash": chain.anchor_hash,
        "marks": dict(chain.marks),
        "head": signed,
    }
    session.execute(_SAVE, values)


def _read(session: Session, *, lock: bool) -> Chain | None:
    query = select(AuditChain).where(AuditChain.tenant_id == tenant_of(session))
    query = query.execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).first()
    if row is None:
        return None
    return Chain(
        tenant_id=row.tenant_id,
        sequence=row.sequence,
        hash=row.hash,
        anchor_sequence=row.anchor_sequence,
        anchor_hash=row.anchor_hash,
        marks=row.marks,
        head=row.head,
    )


def _checked(chain: Chain) -> Chain:
    if chain.head is None:
        if chain.sequence:
            raise ChainBroken(chain.tenant_id)
        return chain
    try:
        signed = heads.opened(chain.head, heads.public_keys(keyring()))
    except BadHead:
        raise ChainBroken(chain.tenant_id) from None
    if signed != chain.unsigned(signed.at):
        raise ChainBroken(chain.tenant_id)
    return chain
