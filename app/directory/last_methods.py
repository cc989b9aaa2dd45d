"""What browsers remember of how somebody came in on them last, and how that is forgotten."""

import sqlalchemy as sa
from sqlalchemy import select

from app.actor import Actor
from app.database import Session, tenant_of
from app.directory import permissions
from app.models import Browser
from app.models import Session as SessionRow


def forget_at(session: Session, actor: Actor, user_id: str, session_id: str) -> None:
    """Let the browser of one of the user's sessions, live or ended, remember nothing."""
    permissions.demand(actor, "session.end", user_id)
    _forget(session, user_id, SessionRow.id == session_id)


def forget_elsewhere(
    session: Session, actor: Actor, user_id: str, but_session_id: str | None = None
) -> None:
    """Let every browser that the user has or had a session on remember nothing, but for the one of
    the session `but_session_id`."""
    permissions.demand(actor, "session.end", user_id)
    tenant_id = tenant_of(session)
    here = select(SessionRow.browser_id).where(
        SessionRow.tenant_id == tenant_id, SessionRow.id == but_session_id
    )
    _forget(session, user_id, SessionRow.browser_id.not_in(here))


def _forget(session: Session, user_id: str, which: sa.ColumnElement[bool]) -> None:
    tenant_id = tenant_of(session)
    theirs = select(SessionRow.browser_id).where(
        SessionRow.tenant_id == tenant_id, SessionRow.user_id == user_id, which
    )
    session.execute(
        sa.update(Browser)
        .where(Browser.tenant_id == tenant_id, Browser.id.in_(theirs))
        .values(last_method=None)
        .execution_options(synchronize_session=False)
    )
