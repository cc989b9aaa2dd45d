"""What is not published yet: one draft of a section, or the one that waits for its moment.

Nobody but the people who write it sees a draft. While one waits, it is not edited: take it back
first. The worker publishes it, once, however many workers there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update

from app import changes, clock
from app.actor import SYSTEM, Actor
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, Session, named, read, tenant_of, write
from app.directory import permissions, settings_store
from app.directory.errors import BadValue, NotFound, OwnedByFile, Refused, StaleRow
from app.directory.settings_store import OF_TENANT, permission
from app.models import Document, Setting

LATEST = 366 * clock.DAY
"""Milliseconds from now within which a publication may be scheduled."""

_DUE = named(
    """SELECT tenant_id, id FROM setting
       WHERE state = 'scheduled' AND publish_at <= :now ORDER BY publish_at LIMIT :limit""",
    everywhere=True,
)


class Waiting(StaleRow):
    """The draft waits for its moment and is not edited meanwhile."""

    def __init__(self) -> None:
        Refused.__init__(self, "A publication is scheduled. Take it back first, then change it.")


@dataclass(frozen=True)
class Draft:
    """What is not published yet."""

    revision: int
    document: Document
    actor: str
    saved_at: int
    publish_at: int | None
    """When it is published, in milliseconds; None for a draft that nobody scheduled."""


def load(session: Session, section: str, subject: str = OF_TENANT) -> Draft | None:
    """The draft of a section, scheduled or not; None where there is none."""
    row = _row(session, section, subject)
    if row is None:
        return None
    return Draft(row.revision, row.document, row.actor, row.created_at, row.publish_at)


def save(
    session: Session,
    actor: Actor,
    section: str,
    document: Mapping[str, Any],
    *,
    subject: str = OF_TENANT,
    expected: int | None = None,
) -> int:
    """Keep `document` as the console's draft; returns its revision.

    `expected` is the revision of the draft that was read, 0 for none: raises `StaleRow` when there
    is another one now. Raises `Waiting`, and as `settings_store.draft` does.
    """
    permissions.demand(actor, permission("draft", section), organization_id=subject)
    found = load(session, section, subject)
    if found and found.publish_at is not None:
        raise Waiting
    if expected is not None and expected != (found.revision if found else 0):
        raise StaleRow
    return settings_store.draft(session, actor, section, document, owner="console", subject=subject)


def discard(session: Session, actor: Actor, section: str, subject: str = OF_TENANT) -> None:
    """Throw the draft away, scheduled or not; harmless where there is none."""
    permissions.demand(actor, permission("draft", section), organization_id=subject)
    row = _row(session, section, subject)
    if row is not None and _take(session, row.id):
        _record(session, events.SETTINGS_DISCARDED, actor, row)


def publish(
    session: Session,
    actor: Actor,
    section: str,
    subject: str = OF_TENANT,
    *,
    expected: int | None = None,
) -> int:
    """Publish the draft now; returns the revision that it became.

    Raises `NotFound` without a draft, `StaleRow` when it is not the `expected` one, and as
    `settings_store.publish` does.
    """
    permissions.demand(actor, permission("publish", section), organization_id=subject)
    changes.note(session)
    row = _drafted(session, section, subject, expected)
    if not _take(session, row.id):
        raise StaleRow
    return settings_store.publish(
        session, actor, section, row.document, owner="console", subject=subject
    )


def schedule(
    session: Session,
    actor: Actor,
    section: str,
    at: int,
    subject: str = OF_TENANT,
    *,
    expected: int | None = None,
) -> None:
    """Have the draft published at a moment (milliseconds), or at another one than before.

    Raises `BadValue` for a moment that has passed or is more than a year away, `OwnedByFile`, and
    as `publish` does.
    """
    permissions.demand(actor, permission("publish", section), organization_id=subject)
    if not clock.now() < at <= clock.now() + LATEST:
        raise BadValue("at", "Choose a moment in the future, within a year.")
    if settings_store.published_owner(session, section, subject) == "file":
        raise OwnedByFile(f"The section {section} is managed by a file.")
    row = _drafted(session, section, subject, expected)
    _set(session, row.id, state="scheduled", publish_at=at, actor=str(actor))
    _record(session, events.SETTINGS_SCHEDULED, actor, row, at=at)


def unschedule(session: Session, actor: Actor, section: str, subject: str = OF_TENANT) -> None:
    """Make a draft again of what waits; harmless where nothing does."""
    permissions.demand(actor, permission("draft", section), organization_id=subject)
    row = _row(session, section, subject)
    if row is not None and row.publish_at is not None:
        _set(session, row.id, state="draft", publish_at=None)
        _record(session, events.SETTINGS_UNSCHEDULED, actor, row)


def roll_back(
    session: Session, actor: Actor, section: str, revision: int, subject: str = OF_TENANT
) -> int:
    """Publish an earlier revision again; returns the new one. The draft stays as it is.

    Raises `NotFound`, and as `settings_store.publish` does.
    """
    permissions.demand(actor, permission("publish", section), organization_id=subject)
    wanted = published(session, section, revision, subject)
    return settings_store.publish(session, actor, section, wanted, owner="console", subject=subject)


def published(session: Session, section: str, revision: int, subject: str = OF_TENANT) -> Document:
    """The document of a revision that is or was published; raises `NotFound`."""
    for each in settings_store.history(session, section, subject=subject):
        if each.revision == revision and each.state in ("published", "superseded"):
            return each.document
    raise NotFound("revision")


def publish_due(limit: int = 50) -> int:
    """Publish what is due, of all tenants; returns how many sections were.

    Each is a transaction of its own that takes the row first, so no second worker publishes it.
    What can no longer be published, as because a file owns the section now, is a draft again.
    """
    with read(EVERYWHERE) as session:
        due = session.execute(_DUE, {"now": clock.now(), "limit": limit}).all()
    return sum(_publish_one(row.tenant_id, row.id) for row in due)


def _publish_one(tenant_id: str, id: str) -> bool:
    try:
        with write(tenant_id) as session:
            # The counter's row is held from here: a second worker waits, and finds the row gone.
            changes.note(session)
            row = session.scalar(_by_id(tenant_id, id).where(Setting.state == "scheduled"))
            if row is None or not _is_due(row) or not _take(session, id):
                return False
            settings_store.publish(
                session,
                SYSTEM,
                row.section,
                row.document,
                owner="console",
                subject=row.subject,
                credited=row.actor,
            )
    except Refused as refused:
        _give_back(tenant_id, id, refused)
        return False
    return True


def _give_back(tenant_id: str, id: str, refused: Refused) -> None:
    with write(tenant_id) as session:
        row = session.scalar(_by_id(tenant_id, id).where(Setting.state == "scheduled"))
        if row is not None:
            _set(session, id, state="draft", publish_at=None)
            _record(session, events.SETTINGS_NOT_PUBLISHED, SYSTEM, row, reason=str(refused))


def _is_due(row: Setting) -> bool:
    return row.publish_at is not None and row.publish_at <= clock.now()


def _drafted(session: Session, section: str, subject: str, expected: int | None) -> Setting:
    row = _row(session, section, subject)
    if row is None:
        raise NotFound("draft")
    if expected not in (None, row.revision):
        raise StaleRow
    return row


def _row(session: Session, section: str, subject: str) -> Setting | None:
    return session.scalar(
        select(Setting)
        .where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == subject,
            Setting.section == section,
            Setting.state.in_(("draft", "scheduled")),
        )
        .order_by(Setting.revision.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _by_id(tenant_id: str, id: str) -> Any:
    return select(Setting).where(Setting.tenant_id == tenant_id, Setting.id == id)


def _take(session: Session, id: str) -> bool:
    """Delete the row; False when somebody else did."""
    taken = session.execute(
        delete(Setting)
        .where(Setting.tenant_id == tenant_of(session), Setting.id == id)
        .where(Setting.state.in_(("draft", "scheduled")))
        .returning(Setting.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _set(session: Session, id: str, **values: Any) -> None:
    session.execute(
        update(Setting)
        .where(Setting.tenant_id == tenant_of(session), Setting.id == id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _record(session: Session, event: str, actor: Actor, row: Setting, **more: Any) -> None:
    data = {"section": row.section, "subject": row.subject, "revision": row.revision, **more}
    record(session, event, actor, data=data)
