"""Idempotency keys: a request that is sent again gets the answer that it got, and acts once."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app import clock
from app.actor import Actor
from app.database import Session, tenant_of
from app.directory import statements
from app.directory.errors import Refused
from app.security import keyring

_LIVES = clock.DAY


class KeyReused(Refused):
    """The key came with another request before."""

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request.")


@dataclass(frozen=True)
class Answer:
    """What a request was answered: an HTTP status and a JSON body."""

    status: int
    body: dict[str, Any]


def once(
    session: Session,
    actor: Actor,
    key: str,
    request: Mapping[str, Any],
    act: Callable[[], Answer],
) -> Answer:
    """What `act` answers, or answered when this actor sent the same `request` with the same `key`
    within the last day. The claim and the act share the caller's transaction, so of parallel
    requests one acts and the others wait for its answer.

    Raises `KeyReused` when the key came with another request. The answer is kept sealed, since it
    may hold a secret that is shown only once.
    """
    row_id = "idm_" + keyring().hash("idempotency_key", str(actor), key)
    digest = keyring().hash("idempotency_request", json.dumps(request, sort_keys=True))
    row_key = {"tenant_id": tenant_of(session), "id": row_id}
    if not _claimed(session, row_key, actor, digest):
        return _given(session, row_key, digest)
    answer = act()
    body = {"sealed": _seal(session, row_id, answer.body)}
    session.execute(statements.ANSWER_KEY, {**row_key, "status": answer.status, "body": body})
    return answer


def _claimed(session: Session, row_key: dict[str, str], actor: Actor, digest: str) -> bool:
    now = clock.now()
    session.execute(statements.REMOVE_EXPIRED_KEY, {**row_key, "now": now})
    values = {
        **row_key,
        "now": now,
        "actor": str(actor),
        "digest": digest,
        "expires_at": now + _LIVES,
    }
    return session.execute(statements.CLAIM_KEY, values).first() is not None


def _given(session: Session, row_key: dict[str, str], digest: str) -> Answer:
    row = session.execute(statements.FIND_KEY, row_key).one()
    if row.request_digest != digest:
        raise KeyReused
    return Answer(row.status, _unseal(session, row_key["id"], row.body["sealed"]))


def _seal(session: Session, row_id: str, body: dict[str, Any]) -> str:
    sealed = keyring().seal(json.dumps(body).encode(), _context(session, row_id))
    return base64.b64encode(sealed).decode()


def _unseal(session: Session, row_id: str, sealed: str) -> dict[str, Any]:
    plain = keyring().unseal(base64.b64decode(sealed), _context(session, row_id))
    body: dict[str, Any] = json.loads(plain)
    return body


def _context(session: Session, row_id: str) -> str:
    return f"{tenant_of(session)}/idempotency_key/{row_id}"
