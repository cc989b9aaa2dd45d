"""The secrets of confidential clients: kept as keyed hashes, shown once, two at most at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import select

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions
from app.directory.errors import BadValue, NotFound
from app.ids import new_id
from app.models import Client, ClientSecret
from app.security import keyring, random_token

LONGEST_OVERLAP = 30 * 86_400
"""Seconds for which an old secret may stay good beside the new one."""


@dataclass(frozen=True)
class SecretDigest:
    """A secret as it is kept, and until when it is good (milliseconds); None: until replaced."""

    digest: str
    expires_at: int | None


@dataclass(frozen=True)
class ListedSecret:
    """A secret without anything of its value. Times in milliseconds."""

    id: str
    created_at: int
    expires_at: int | None
    """None: until it is replaced."""


def list_good(session: Session, client_id: str) -> list[ListedSecret]:
    """The client's secrets that are good now, newest first; empty for a public client."""
    query = (
        select(ClientSecret)
        .where(
            ClientSecret.tenant_id == tenant_of(session),
            ClientSecret.client_id == client_id,
            _is_good(),
        )
        .order_by(ClientSecret.id.desc())
    )
    return [ListedSecret(row.id, row.created_at, row.expires_at) for row in session.scalars(query)]


def rotate(session: Session, actor: Actor, client_id: str, overlap: int = 0) -> str:
    """Give a confidential client a new secret, shown only now; the one before stays good for
    `overlap` seconds, and one that was running out already ends at once.

    Raises `NotFound`, and `BadValue` for a public client or too long an overlap.
    """
    permissions.demand(actor, "client.rotate_secret")
    _demand_confidential(session, client_id)
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise BadValue("overlap", "The old secret may stay good for 30 days at most.")
    now = clock.now()
    _end(session, client_id, ClientSecret.expires_at.is_not(None), at=now)
    _end(session, client_id, ClientSecret.expires_at.is_(None), at=now + overlap * clock.SECOND)
    secret = add(session, client_id)
    _note(session, actor, events.CLIENT_SECRET_ROTATED, client_id, overlap=overlap)
    return secret


def end(session: Session, actor: Actor, client_id: str, secret_id: str) -> None:
    """End an old secret now. Raises `NotFound` where it is not good any more, and `BadValue` for
    the newest: without it the client could not sign anybody in."""
    permissions.demand(actor, "client.end_secret")
    good = [each.id for each in list_good(session, client_id)]
    if secret_id not in good:
        raise NotFound("secret")
    if secret_id == good[0]:
        raise BadValue("secret", "This is the newest secret. Make a new one to replace it.")
    _end(session, client_id, ClientSecret.id == secret_id, at=clock.now())
    _note(session, actor, events.CLIENT_SECRET_ENDED, client_id, secret=secret_id)


def add(session: Session, client_id: str) -> str:
    """A new secret of the client beside those that there are; only its hash is kept."""
    secret = random_token()
    session.add(
        ClientSecret(
            tenant_id=tenant_of(session),
            id=new_id("sec"),
            created_at=clock.now(),
            client_id=client_id,
            digest=keyring().hash("client_secret", client_id, secret),
            expires_at=None,
        )
    )
    return secret


def digests(session: Session, client_ids: Sequence[str]) -> dict[str, tuple[SecretDigest, ...]]:
    """Client -> the digests of its secrets, good or not any more."""
    query = select(ClientSecret.client_id, ClientSecret.digest, ClientSecret.expires_at).where(
        ClientSecret.tenant_id == tenant_of(session), ClientSecret.client_id.in_(client_ids)
    )
    found: dict[str, tuple[SecretDigest, ...]] = {}
    for client_id, digest, expires_at in session.execute(query):
        found[client_id] = (*found.get(client_id, ()), SecretDigest(digest, expires_at))
    return found


def _is_good() -> sa.ColumnElement[bool]:
    return sa.or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > clock.now())


def _end(session: Session, client_id: str, which: sa.ColumnElement[bool], *, at: int) -> None:
    session.execute(
        sa.update(ClientSecret)
        .where(
            ClientSecret.tenant_id == tenant_of(session),
            ClientSecret.client_id == client_id,
            which,
            _is_good(),
        )
        .values(expires_at=at)
        .execution_options(synchronize_session=False)
    )


def _demand_confidential(session: Session, client_id: str) -> None:
    row = session.get(Client, (tenant_of(session), client_id))
    if row is None:
        raise NotFound("client")
    if row.kind != "web":
        raise BadValue("kind", "A public client has no secret.")


def _note(session: Session, actor: Actor, event: str, client_id: str, **data: str | int) -> None:
    changes.note(session)
    record(session, event, actor, targets=[("client", client_id)], data=data)
