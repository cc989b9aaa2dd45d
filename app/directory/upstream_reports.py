"""What arrived from providers in sign-ins that failed and in tests: for admins, secrets masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app import clock
from app.database import Session, tenant_of
from app.ids import new_id
from app.models import Connection, Document, UpstreamReport

PASSED = "ok"
"""The diagnosis of a test that found nothing wrong."""
OUTDATED = "ok_before"
"""The same, from before the connection was changed."""
MOST = 100
"""An hour, of sign-ins that failed at one connection: strangers can fail without end."""
_LONGEST = 2_000
"""Characters of any value that is kept."""
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Report:
    """One look at what arrived. Times in milliseconds."""

    id: str
    connection_id: str
    is_test: bool
    diagnosis: str
    arrived: Document
    created_at: int


def add(
    session: Session,
    connection_id: str,
    diagnosis: str,
    arrived: Mapping[str, Any],
    *,
    is_test: bool = False,
) -> None:
    """Keep what arrived at a connection, and which check it failed: of tests always, else unless
    there are `MOST` of the last hour already."""
    if not is_test and _is_full(session, connection_id):
        return
    session.add(
        UpstreamReport(
            tenant_id=tenant_of(session),
            id=new_id("rep"),
            created_at=clock.now(),
            connection_id=connection_id,
            is_test=is_test,
            diagnosis=diagnosis,
            arrived={str(name)[:200]: _short(value) for name, value in arrived.items()},
        )
    )


def latest(session: Session, connection_id: str, most: int = _MOST_SHOWN) -> Sequence[Report]:
    """The newest reports of a connection, the newest first."""
    query = (
        select(UpstreamReport)
        .where(
            UpstreamReport.tenant_id == tenant_of(session),
            UpstreamReport.connection_id == connection_id,
        )
        .order_by(UpstreamReport.created_at.desc(), UpstreamReport.id.desc())
        .limit(most)
    )
    return [
        Report(row.id, row.connection_id, row.is_test, row.diagnosis, row.arrived, row.created_at)
        for row in session.scalars(query)
    ]


def passed(session: Session, organization_id: str | None) -> set[str]:
    """The organization's connections, or the whole tenant's own, that a test found well, as they
    are set up now."""
    query = select(UpstreamReport.connection_id).join(
        Connection,
        (Connection.tenant_id == UpstreamReport.tenant_id)
        & (Connection.id == UpstreamReport.connection_id),
    )
    theirs = query.where(
        UpstreamReport.tenant_id == tenant_of(session),
        UpstreamReport.is_test.is_(True),
        UpstreamReport.diagnosis == PASSED,
        Connection.organization_id == organization_id,
    )
    return {*session.scalars(theirs.distinct())}


def outdate(session: Session, connection_id: str) -> None:
    """Let no earlier test speak for a connection that is set up in another way now."""
    before = (
        UpstreamReport.tenant_id == tenant_of(session),
        UpstreamReport.connection_id == connection_id,
        UpstreamReport.diagnosis == PASSED,
    )
    session.execute(update(UpstreamReport).where(*before).values(diagnosis=OUTDATED))


def _is_full(session: Session, connection_id: str) -> bool:
    recent = select(UpstreamReport.id).where(
        UpstreamReport.tenant_id == tenant_of(session),
        UpstreamReport.connection_id == connection_id,
        UpstreamReport.created_at > clock.now() - clock.HOUR,
        UpstreamReport.is_test.is_(False),
    )
    return len(session.scalars(recent.limit(MOST)).all()) == MOST


def _short(value: Any) -> Any:
    """The value as JSON that cannot grow without bounds."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:_LONGEST]
