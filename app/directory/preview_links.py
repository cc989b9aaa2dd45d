"""Links that show one look to people without an account, for a while, until they are ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions
from app.directory.brand_settings import Brand
from app.directory.errors import BadValue, NotFound
from app.ids import new_id
from app.models import PreviewLink

DAYS = 7
"""How long a link is good for, unless somebody says otherwise."""
MOST_DAYS = 30
MOST_LINKS = 50
"""Of one tenant at a time."""


@dataclass(frozen=True)
class SharedPreview:
    """A link that is good: what it shows, and until when (milliseconds)."""

    id: str
    subject: str
    revision: int
    look: Brand
    created_at: int
    expires_at: int


def create(
    session: Session, actor: Actor, subject: str, revision: int, look: Brand, days: int = DAYS
) -> SharedPreview:
    """Make a link to the subject's look as it is in that revision.

    Raises `BadValue` for a time that is too long, and where the tenant has too many links.
    """
    permissions.demand(actor, "preview.share")
    if not 1 <= days <= MOST_DAYS:
        raise BadValue("days", f"A link is good for 1 to {MOST_DAYS} days.")
    if _count(session) >= MOST_LINKS:
        raise BadValue("days", f"There are {MOST_LINKS} links already. End one of them first.")
    now = clock.now()
    row = PreviewLink(
        tenant_id=tenant_of(session),
        id=new_id("pvl"),
        created_at=now,
        subject=subject,
        revision=revision,
        document=look.model_dump(mode="json", exclude_unset=True),
        expires_at=now + days * clock.DAY,
        revoked_at=None,
    )
    session.add(row)
    session.flush()
    data = {"link_id": row.id, "subject": subject, "revision": revision}
    record(session, events.PREVIEW_SHARED, actor, data=data)
    return _shown(row)


def revoke(session: Session, actor: Actor, link_id: str) -> None:
    """End a link now. Raises `NotFound` for one that is not good any more."""
    permissions.demand(actor, "preview.revoke")
    ended = session.execute(
        update(PreviewLink)
        .where(*_good(session), PreviewLink.id == link_id)
        .values(revoked_at=clock.now())
        .returning(PreviewLink.id)
    )
    if ended.first() is None:
        raise NotFound("preview_link")
    record(session, events.PREVIEW_REVOKED, actor, data={"link_id": link_id})


def find(session: Session, link_id: str) -> SharedPreview | None:
    """The link of this id, while it is good; else None."""
    row = session.scalar(select(PreviewLink).where(*_good(session), PreviewLink.id == link_id))
    return _shown(row) if row else None


def list_good(session: Session) -> Sequence[SharedPreview]:
    """Every link that is good, the newest first."""
    query = select(PreviewLink).where(*_good(session)).order_by(PreviewLink.id.desc())
    return [_shown(row) for row in session.scalars(query)]


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PreviewLink).where(*_good(session))) or 0


def _good(session: Session) -> tuple[ColumnElement[bool], ...]:
    return (
        PreviewLink.tenant_id == tenant_of(session),
        PreviewLink.revoked_at.is_(None),
        PreviewLink.expires_at > clock.now(),
    )


def _shown(row: PreviewLink) -> SharedPreview:
    return SharedPreview(
        id=row.id,
        subject=row.subject,
        revision=row.revision,
        look=Brand.model_validate(row.document),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
