"""The chain as a file that can be verified without the database: JSON lines, the first of which
says whose it is, from where it begins and, signed, where it ends."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, LargeBinary, Row
from sqlalchemy.orm import Session

from app.audit import chain_row
from app.audit import head as heads
from app.audit.chain import content_of
from app.database import named, tenant_of
from app.security import keyring

FORMAT = "authpage-audit-chain/1"
_PAGE = 500
_SELECT = named(
    """SELECT id, created_at, event, actor_kind, actor_id, subject_id, targets, request_id, flow_id,
              data, personal, personal_digest, emptied, sequence, previous_hash, hash
       FROM audit_event
       WHERE tenant_id = :tenant_id AND sequence > :after AND sequence <= :until
       ORDER BY sequence LIMIT :limit"""
).columns(targets=JSON(), data=JSON(), personal=LargeBinary())


class ChainMoved(Exception):
    """Events were deleted for their age while they were being exported: do it again."""


def lines(session: Session) -> Iterator[str]:
    """The lines of the export, up to the newest sealed event. Raises `ChainBroken`, and at its end
    `ChainMoved`."""
    chain = chain_row.load(session)
    yield _line(
        {
            "format": FORMAT,
            "tenant": chain.tenant_id,
            "anchor_sequence": chain.anchor_sequence,
            "anchor_hash": chain.anchor_hash,
            "head": chain.head,
            "keys": heads.public_keys(keyring()),
        }
    )
    after = chain.anchor_sequence
    while rows := _page(session, after, chain.sequence):
        yield from (_line(_document(row)) for row in rows)
        after = rows[-1].sequence
    if chain_row.load(session).anchor_sequence != chain.anchor_sequence:
        raise ChainMoved


def _page(session: Session, after: int, until: int) -> list[Row[Any]]:
    values = {"tenant_id": tenant_of(session), "after": after, "until": until, "limit": _PAGE}
    return list(session.execute(_SELECT, values).all())


def _document(row: Row[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "sequence": row.sequence,
        "id": row.id,
        "at": row.created_at,
        "event": row.event,
        "previous": row.previous_hash,
        "hash": row.hash,
    }
    if row.emptied:
        return {**told, "emptied": row.emptied}
    sealed = base64.b64encode(row.personal).decode() if row.personal else None
    return {**told, "content": content_of(row), "sealed": sealed}


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
