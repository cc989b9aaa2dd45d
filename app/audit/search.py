"""Searches the audit log for admins: by what is indexed as far as possible, and by everything else
among a bounded number of events, so that no question holds the database up.

Time and subject have indexes. Whatever else is asked for, and words, are looked for among the
newest `SCANNED` events that these leave; the answer says how far that went, and one can go on.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select

from app import clock, ids
from app.audit import log, personal
from app.audit.events import REGISTRY
from app.audit.log import Entry
from app.database import Session, tenant_of
from app.models import AuditEvent, User

SCANNED = 20_000
LARGEST = 100
_MARGIN = clock.MINUTE
"""Between the birth of an id and the moment that its event names."""


@dataclass(frozen=True)
class Sought:
    """What to look for; what is empty asks nothing. Times in milliseconds."""

    since: int | None = None
    until: int | None = None
    subject: str = ""
    event: str = ""
    """An event's id, or a family's name and `.*`."""
    actor: str = ""
    """An id, or a kind of actor."""
    target: str = ""
    request: str = ""
    """The id of a request or of a flow, or how either ends."""
    words: str = ""
    people: tuple[str, ...] = ()
    """Ids of the people whom the words may mean."""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is asked for that has no index."""
        return any((self.event, self.actor, self.target, self.request, self.words))


@dataclass(frozen=True)
class Found:
    """One page of events, newest first."""

    items: tuple[Entry, ...]
    next_cursor: str | None
    scanned_to: int | None
    """How far back the search went, where it ended before the log did; in milliseconds."""


def search(session: Session, sought: Sought, *, after: str | None = None, limit: int = 50) -> Found:
    """One page of what is sought, continued `after` the cursor of the page before."""
    most = min(max(limit, 1), LARGEST)
    rows = list(session.scalars(_statement(session, sought, after).limit(most + 1)))
    shown = rows[:most]
    _fetch_keys(session, shown)
    items = tuple(log.entry_of(session, row) for row in shown)
    if len(rows) > most:
        return Found(items, items[-1].id, None)
    end = _end_of_scan(session, sought, after) if sought.is_narrow else None
    return Found(items, end.id if end else None, end.created_at if end else None)


def everything(session: Session, sought: Sought, most: int) -> Iterator[Entry]:
    """What is sought, newest first, `most` at most."""
    after: str | None = None
    while most > 0:
        page = search(session, sought, after=after, limit=min(most, LARGEST))
        yield from page.items
        most -= len(page.items)
        after = page.next_cursor
        if after is None:
            return


def get(session: Session, event_id: str) -> tuple[Entry, AuditEvent] | None:
    """One event, and its row with its place in the chain; None where there is none (any more)."""
    query = select(AuditEvent).where(
        AuditEvent.tenant_id == tenant_of(session), AuditEvent.id == event_id
    )
    row = session.scalars(query).first()
    if row is None or row.emptied:
        return None
    return log.entry_of(session, row), row


def of_flow(session: Session, flow_id: str, most: int = 200) -> list[Entry]:
    """What happened in a flow, the oldest first."""
    query = select(AuditEvent).where(
        AuditEvent.tenant_id == tenant_of(session), AuditEvent.flow_id == flow_id
    )
    rows = session.scalars(query.order_by(AuditEvent.id).limit(most))
    return [log.entry_of(session, row, with_personal=False) for row in rows]


def _statement(session: Session, sought: Sought, after: str | None) -> Select[AuditEvent]:
    query = select(AuditEvent).where(
        AuditEvent.tenant_id == tenant_of(session), AuditEvent.emptied.is_(None)
    )
    if not sought.is_narrow:
        return query.where(*_indexed(sought, after)).order_by(AuditEvent.id.desc())
    window = _window(session, sought, after).with_only_columns(AuditEvent.id)
    return query.where(AuditEvent.id.in_(window), *_scanned(sought)).order_by(AuditEvent.id.desc())


def _window(session: Session, sought: Sought, after: str | None) -> Select[str, int]:
    """What is looked at, newest first."""
    query = select(AuditEvent.id, AuditEvent.created_at).where(
        AuditEvent.tenant_id == tenant_of(session), *_indexed(sought, after)
    )
    return query.order_by(AuditEvent.id.desc()).limit(SCANNED).correlate(None)


def _end_of_scan(session: Session, sought: Sought, after: str | None) -> Any:
    """The last event that was looked at; None where that was the last one there is."""
    last = _window(session, sought, after).offset(SCANNED - 1).limit(1)
    return session.execute(last).first()


def _indexed(sought: Sought, after: str | None) -> list[ColumnElement[bool]]:
    """Ids begin with their time, so that a span of time is one of the primary key too."""
    found: list[ColumnElement[bool]] = []
    if after is not None:
        found.append(AuditEvent.id < after)
    if sought.subject:
        found.append(AuditEvent.subject_id == sought.subject)
    if sought.since is not None:
        lowest = ids.lowest("evt", sought.since - _MARGIN)
        found += [AuditEvent.created_at >= sought.since, AuditEvent.id >= lowest]
    if sought.until is not None:
        highest = ids.lowest("evt", sought.until + _MARGIN)
        found += [AuditEvent.created_at < sought.until, AuditEvent.id < highest]
    return found


def _scanned(sought: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.event:
        found.append(AuditEvent.event.in_(_events(sought.event)))
    if sought.actor:
        found.append(
            or_(AuditEvent.actor_id == sought.actor, AuditEvent.actor_kind == sought.actor)
        )
    if sought.target:
        found.append(cast(AuditEvent.targets, Text).contains(f'"{sought.target}"', autoescape=True))
    if sought.request:
        found.append(
            or_(
                AuditEvent.request_id.endswith(sought.request, autoescape=True),
                AuditEvent.flow_id.endswith(sought.request, autoescape=True),
            )
        )
    if sought.words:
        found.append(_say(sought.words, sought.people))
    return found


def _events(wanted: str) -> Collection[str]:
    family = wanted.removesuffix(".*")
    return [
        each.id
        for each in REGISTRY.values()
        if each.id == wanted or (wanted.endswith(".*") and each.family == family)
    ]


def _say(words: str, people: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether an event has the words in its name, ids or data, or is about one of these people. In
    JSON, letters beyond ASCII stand escaped."""
    plain, escaped = words.lower(), json.dumps(words)[1:-1].lower()
    described = [
        each.id for each in REGISTRY.values() if plain in f"{each.id} {each.description}".lower()
    ]
    return or_(
        AuditEvent.event.in_(described),
        AuditEvent.actor_id.in_((words, *people)),
        AuditEvent.subject_id.in_((words, *people)),
        func.lower(cast(AuditEvent.data, Text)).contains(escaped, autoescape=True),
        func.lower(cast(AuditEvent.targets, Text)).contains(escaped, autoescape=True),
    )


def _fetch_keys(session: Session, rows: list[AuditEvent]) -> None:
    """The keys of the people whom a page is about, in one statement."""
    wanted = {row.subject_id for row in rows if row.subject_id and row.personal}
    if not wanted:
        return
    query = select(User.id, User.personal_key).where(
        User.tenant_id == tenant_of(session), User.id.in_(wanted)
    )
    for row in session.execute(query):
        personal.remember_key(session, row.id, row.personal_key)
