"""The way in for a customer's own IT admin, who has no account here: a link that opens once, the
session that it opens, and the ids that are kept for connections until their provider is known.

All of it belongs to one organization. Its rows are one-time rows; a raised epoch ends them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import bindparam

from app import clock, single_use
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import organizations, permissions
from app.directory.errors import BadValue, NotFound
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import OneTime
from app.security import random_token
from app.single_use import OneTimeRow

Door = Literal["pages", "api"]

LINK_LIVES: Final = 7 * 24 * 3_600
"""Seconds that a link waits, unless told otherwise."""
LONGEST: Final = 30 * 24 * 3_600
SESSION_LIVES: Final = 8 * 3_600
"""Seconds that an opened one lasts. What was set up by then is kept; a new link goes on there."""
_TRIAL_LIVES = 1_800
_KEPT_FOR = 90 * 24 * 3_600
_LINK, _SESSION, _KEPT_ID = "setup_link", "setup_session", "setup_connection"
_TRIAL = "setup_trial"
_OPEN = named(
    """SELECT id, kind, subject, binding, payload, created_at, expires_at FROM one_time
       WHERE tenant_id = :tenant_id AND kind IN :kinds AND consumed_at IS NULL
         AND expires_at > :now AND epoch = :epoch ORDER BY id DESC"""
).bindparams(bindparam("kinds", expanding=True))
_OPEN_ROWS = _OPEN.columns(payload=OneTime.__table__.c.payload.type)


@dataclass(frozen=True)
class Link:
    """A link that waits, or that somebody works behind. Times in milliseconds."""

    id: str
    organization_id: str
    state: Literal["waiting", "opened"]
    created_by: str
    """The actor, as the audit log writes it."""
    expires_at: int


@dataclass(frozen=True)
class OpenSession:
    """What a setup session is, by its row. Times in milliseconds."""

    id: str
    organization_id: str
    """Empty in a trial of a connection that is the tenant's."""
    link_id: str
    door: Door
    expires_at: int


@dataclass(frozen=True)
class KeptId:
    """An id that waits for its connection."""

    connection_id: str
    provider: str


def admin(link_id: str, organization_id: str, who: Actor) -> Actor:
    """Whoever holds a link or its session: an admin of this organization's sign-in and no more."""
    return Actor(
        kind="admin",
        id=link_id,
        address=who.address,
        user_agent=who.user_agent,
        request_id=who.request_id,
        roles=frozenset({"setup"}),
        organization_id=organization_id,
    )


def create_link(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    organization_id: str,
    lives: int = LINK_LIVES,
) -> tuple[Link, str]:
    """A new link, and the token in it. `lives` is in seconds.

    Raises `NotFound` for the organization, and `BadValue` for a life of no length or too long.
    """
    permissions.demand(actor, "setup_link.create", organization_id=organization_id)
    if not 60 <= lives <= LONGEST:
        raise BadValue("expires_in", "A link lives for a minute at least, and for 30 days at most.")
    if organizations.get(session, organization_id) is None:
        raise NotFound("organization")
    secret, by = random_token(), str(actor)
    row_id = single_use.issue(
        session,
        _LINK,
        subject=organization_id,
        binding=organization_id,
        secret=secret,
        lives=lives,
        epoch=tenant.epoch,
        payload={"by": by, "epoch": tenant.epoch},
    )
    _noted(session, actor, events.SETUP_LINK_CREATED, organization_id, row_id)
    ends = clock.now() + lives * clock.SECOND
    return Link(row_id, organization_id, "waiting", by, ends), f"{row_id}.{secret}"


def list_links(session: Session, tenant: Tenant) -> list[Link]:
    """The links of the tenant that wait, and those that somebody works behind, newest first."""
    return [
        Link(
            id=row.id if row.kind == _LINK else row.binding,
            organization_id=row.subject,
            state="waiting" if row.kind == _LINK else "opened",
            created_by=row.payload["by"],
            expires_at=row.expires_at,
        )
        for row in _open_rows(session, tenant, _LINK, _SESSION)
    ]


def revoke_link(session: Session, actor: Actor, tenant: Tenant, link_id: str) -> Link:
    """Let nobody open the link, and end what was opened by it; returns it as it was.

    Raises `NotFound` where there is nothing left to end.
    """
    found = next((each for each in list_links(session, tenant) if each.id == link_id), None)
    of = found.organization_id if found else None
    permissions.demand(actor, "setup_link.create", organization_id=of)
    if found is None or of is None:
        raise NotFound("setup link")
    single_use.consume(session, _LINK, link_id, binding=of, epoch=tenant.epoch)
    single_use.supersede(session, _SESSION, subject=of, binding=link_id)
    _noted(session, actor, events.SETUP_LINK_REVOKED, of, link_id)
    return found


def find_link(tenant: Tenant, token: str) -> Link | None:
    """The link that may still be opened with this token; a look changes nothing."""
    row = _found(tenant, _LINK, token)
    if row is None:
        return None
    return Link(row.id, row.subject, "waiting", row.payload["by"], row.expires_at)


def open_link(session: Session, who: Actor, tenant: Tenant, link: Link, door: Door) -> str:
    """Spend the link that `find_link` found, and begin a session at this door; returns the value
    that opens it from now on. Raises `NotFound` when somebody was first."""
    spent = single_use.consume(
        session, _LINK, link.id, binding=link.organization_id, epoch=tenant.epoch
    )
    if spent is None:
        raise NotFound("setup link")
    actor = admin(link.id, link.organization_id, who)
    secret = random_token()
    row_id = single_use.issue(
        session,
        _SESSION,
        subject=link.organization_id,
        binding=link.id,
        secret=secret,
        lives=SESSION_LIVES,
        epoch=tenant.epoch,
        payload={"by": link.created_by, "door": door, "epoch": tenant.epoch},
    )
    _noted(session, actor, events.SETUP_LINK_OPENED, link.organization_id, link.id)
    return f"{row_id}.{secret}"


def find_session(tenant: Tenant, value: str, door: Door) -> OpenSession | None:
    """The session that this value opens at this door now. What was given to a browser is no bearer
    token, and the other way round."""
    row = _found(tenant, _SESSION, value)
    found = _session(row) if row else None
    return found if found and found.door == door else None


def open_trial(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    connection_id: str,
    organization_id: str | None,
) -> OpenSession:
    """A session in which an admin tries out one connection of an organization, or of the whole
    tenant, and which nobody can come in by."""
    permissions.demand(actor, "connection.test", organization_id=organization_id)
    subject = organization_id or ""
    row_id = single_use.issue(
        session,
        _TRIAL,
        subject=subject,
        binding=connection_id,
        secret=random_token(),
        lives=_TRIAL_LIVES,
        epoch=tenant.epoch,
        payload={"by": str(actor), "door": "api", "epoch": tenant.epoch},
    )
    ends = clock.now() + _TRIAL_LIVES * clock.SECOND
    return OpenSession(row_id, subject, connection_id, "api", ends)


def running_session(tenant: Tenant, session_id: str) -> OpenSession | None:
    """The session with this id while it lasts, whoever asks: it proves nothing about them."""
    found = (single_use.find(tenant.id, kind, session_id) for kind in (_SESSION, _TRIAL))
    row = next((each for each in found if each is not None), None)
    return _session(row) if row and _is_open(row, tenant) else None


def end_session(session: Session, found: OpenSession) -> None:
    """Nobody gets in by this session any more."""
    single_use.supersede(session, _SESSION, subject=found.organization_id, binding=found.link_id)


def keep_id(
    session: Session, actor: Actor, tenant: Tenant, organization_id: str | None, provider: str
) -> str:
    """An id for a connection that is not there yet, of an organization or of the whole tenant: its
    addresses are entered at the provider before the provider's values can be entered here."""
    permissions.demand(actor, "connection.create", organization_id=organization_id)
    return single_use.issue(
        session,
        _KEPT_ID,
        id=new_id("con"),
        subject=organization_id or "",
        binding=organization_id or "",
        secret=random_token(),
        lives=_KEPT_FOR,
        epoch=tenant.epoch,
        payload={"provider": provider, "epoch": tenant.epoch},
    )


def kept_ids(session: Session, tenant: Tenant, organization_id: str | None) -> list[KeptId]:
    """Those of an organization, or of the whole tenant, that wait, newest first."""
    rows = _open_rows(session, tenant, _KEPT_ID)
    wanted = organization_id or ""
    return [KeptId(row.id, row.payload["provider"]) for row in rows if row.subject == wanted]


def find_kept_id(tenant: Tenant, organization_id: str | None, connection_id: str) -> KeptId | None:
    """The id, where it waits for a connection of this organization, or of the whole tenant."""
    row = _kept(tenant, connection_id)
    is_theirs = row is not None and row.subject == (organization_id or "")
    return KeptId(row.id, row.payload["provider"]) if row and is_theirs else None


def is_kept_for(tenant: Tenant, connection_id: str, providers: Collection[str]) -> bool:
    """Whether the id waits for a connection to one of these, whichever organization's: providers
    look at our addresses before theirs are entered here."""
    row = _kept(tenant, connection_id)
    return row is not None and row.payload["provider"] in providers


def use_id(
    session: Session, tenant: Tenant, organization_id: str | None, connection_id: str
) -> bool:
    """Spend it in the transaction that makes the connection; False when somebody was first."""
    row = single_use.consume(
        session, _KEPT_ID, connection_id, binding=organization_id or "", epoch=tenant.epoch
    )
    return row is not None


def _kept(tenant: Tenant, connection_id: str) -> OneTimeRow | None:
    row = single_use.find(tenant.id, _KEPT_ID, connection_id)
    return row if row and _is_open(row, tenant) else None


def _found(tenant: Tenant, kind: str, value: str) -> OneTimeRow | None:
    row = single_use.presented(tenant.id, kind, value)
    return row if row is not None and _is_open(row, tenant) else None


def _is_open(row: OneTimeRow, tenant: Tenant) -> bool:
    return row.is_open and row.payload["epoch"] == tenant.epoch


def _session(row: OneTimeRow) -> OpenSession:
    return OpenSession(row.id, row.subject, row.binding, row.payload["door"], row.expires_at)


def _open_rows(session: Session, tenant: Tenant, *kinds: str) -> list[Any]:
    values = {
        "tenant_id": tenant_of(session),
        "kinds": kinds,
        "now": clock.now(),
        "epoch": tenant.epoch,
    }
    return [*session.execute(_OPEN_ROWS, values)]


def _noted(session: Session, actor: Actor, event: str, organization_id: str, link_id: str) -> None:
    targets = [("organization", organization_id), ("setup_link", link_id)]
    record(session, event, actor, targets=targets)
