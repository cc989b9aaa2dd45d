"""Idempotency keys: a request that is sent again gets the answer that it got, and acts once.

`once` is for an act that fits into one transaction. An act with transactions of its own is claimed
first, and then answered or released.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app import clock
from app.actor import Actor
from app.database import Session, tenant_of, write
from app.directory import statements
from app.directory.errors import Refused
from app.security import keyring

_LIVES = clock.DAY
_ACTING = clock.MINUTE
"""How long a claim is believed to be at work; longer than any request takes."""
_UNANSWERED = 0


class KeyReused(Refused):
    """The key came with another request before."""

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request.")


class InProgress(Refused):
    """The same request is being answered now."""

    def __init__(self) -> None:
        super().__init__("A request with this idempotency key is being answered.")


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
    made = _claim(session, actor, key, request)
    if not _claimed(session, made, actor, clock.now() + _LIVES):
        return _given(session, made)
    given = act()
    _keep(session, made, given)
    return given


@dataclass(frozen=True)
class Claim:
    """The right to answer one request, held until it is answered or released."""

    tenant_id: str
    id: str
    digest: str

    @property
    def row_key(self) -> dict[str, str]:
        """The key of its row."""
        return {"tenant_id": self.tenant_id, "id": self.id}


def claim(tenant_id: str, actor: Actor, key: str, request: Mapping[str, Any]) -> Claim | Answer:
    """The right to answer `request`, or what it was answered within the last day; commits.

    Raises `KeyReused` when the key came with another request, `InProgress` while another holds the
    claim. A claim whose holder died is free again after a minute.
    """
    with write(tenant_id) as session:
        made = _claim(session, actor, key, request)
        if _claimed(session, made, actor, clock.now() + _ACTING):
            return made
        return _given(session, made)


def answer(claimed: Claim, given: Answer) -> None:
    """Keep what the request was answered, for a day."""
    with write(claimed.tenant_id) as session:
        _keep(session, claimed, given)


def release(claimed: Claim) -> None:
    """Let the request be sent again: it was refused, or failed."""
    with write(claimed.tenant_id) as session:
        session.execute(statements.RELEASE_KEY, claimed.row_key)


def _claim(session: Session, actor: Actor, key: str, request: Mapping[str, Any]) -> Claim:
    row_id = "idm_" + keyring().hash("idempotency_key", str(actor), key)
    digest = keyring().hash("idempotency_request", json.dumps(request, sort_keys=True))
    return Claim(tenant_of(session), row_id, digest)


def _claimed(session: Session, claim: Claim, actor: Actor, until: int) -> bool:
    now, row_key, digest = clock.now(), claim.row_key, claim.digest
    session.execute(statements.REMOVE_EXPIRED_KEY, {**row_key, "now": now})
    values = {
        **row_key,
        "now": now,
        "actor": str(actor),
        "digest": digest,
        "expires_at": until,
    }
    return session.execute(statements.CLAIM_KEY, values).first() is not None


def _given(session: Session, claim: Claim) -> Answer:
    row = session.execute(statements.FIND_KEY, claim.row_key).one()
    if row.request_digest != claim.digest:
        raise KeyReused
    if row.status == _UNANSWERED:
        raise InProgress
    return Answer(row.status, _unseal(session, claim.id, row.body["sealed"]))


def _keep(session: Session, claim: Claim, answer: Answer) -> None:
    body = {"sealed": _seal(session, claim.id, answer.body)}
    until = clock.now() + _LIVES
    values = {**claim.row_key, "status": answer.status, "body": body, "until": until}
    session.execute(statements.ANSWER_KEY, values)


def _seal(session: Session, row_id: str, body: dict[str, Any]) -> str:
    sealed = keyring().seal(json.dumps(body).encode(), _context(session, row_id))
    return base64.b64encode(sealed).decode()


def _unseal(session: Session, row_id: str, sealed: str) -> dict[str, Any]:
    plain = keyring().unseal(base64.b64decode(sealed), _context(session, row_id))
    body: dict[str, Any] = json.loads(plain)
    return body


def _context(session: Session, row_id: str) -> str:
    return f"{tenant_of(session)}/idempotency_key/{row_id}"
