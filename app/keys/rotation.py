"""Signing keys are made, published ahead, take over, retire and go."""

from dataclasses import dataclass

from app import changes, clock
from app.actor import SYSTEM, Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions
from app.keys import key_pair, statements
from app.keys.key_pair import Algorithm

PUBLISHED_AHEAD = 900
"""Seconds between a key's appearance and its first signature: three times as long as clients are
told to cache the JWKS."""
PUBLISHED_AFTER = 86_400
"""Seconds for which a retired key is still published at least: the longest lived token and a
client's late clock fit in."""


@dataclass(frozen=True)
class ListedKey:
    """A key without its secret. Times in milliseconds."""

    id: str
    alg: str
    published_at: int
    active_from: int
    retired_at: int | None
    remove_at: int | None

    @property
    def state(self) -> str:
        """`next` before it signs, `active` while it does, `retired` after."""
        now = clock.now()
        if now < self.active_from:
            return "next"
        return "retired" if self.retired_at is not None and self.retired_at <= now else "active"


def create_first(session: Session, actor: Actor = SYSTEM, alg: Algorithm = "RS256") -> str:
    """Make a key that signs at once, for a tenant without one of this algorithm; returns its id."""
    permissions.demand(actor, "key.create")
    row = key_pair.make(tenant_of(session), alg, clock.now())
    session.add(row)
    _announce(session, actor, events.KEY_CREATED, row.id, alg)
    return row.id


def rotate(
    session: Session,
    actor: Actor,
    alg: Algorithm = "RS256",
    *,
    ahead: int = PUBLISHED_AHEAD,
    after: int = PUBLISHED_AFTER,
) -> str:
    """Make the key that takes over `ahead` seconds from now; returns its id.

    It is published at once. Its predecessors sign until then and stay published `after` seconds
    longer, so no token and no cached document becomes worthless.
    """
    permissions.demand(actor, "key.rotate")
    takes_over = clock.now() + ahead * clock.SECOND
    row = key_pair.make(tenant_of(session), alg, takes_over)
    session.add(row)
    session.flush()
    session.execute(
        statements.RETIRE,
        {
            "tenant_id": tenant_of(session),
            "alg": alg,
            "successor": row.id,
            "at": takes_over,
            "remove_at": takes_over + after * clock.SECOND,
        },
    )
    _announce(session, actor, events.KEY_ROTATED, row.id, alg)
    return row.id


def list_keys(session: Session) -> list[ListedKey]:
    """The published keys, newest first."""
    values = {"tenant_id": tenant_of(session), "now": clock.now()}
    return [
        ListedKey(row.id, row.alg, row.created_at, row.active_from, row.retired_at, row.remove_at)
        for row in session.execute(statements.KEYS, values)
    ]


def _announce(session: Session, actor: Actor, event: str, kid: str, alg: str) -> None:
    changes.note(session)
    record(session, event, actor, targets=[("key", kid)], data={"alg": alg})
