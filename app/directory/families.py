"""Ends refresh-token families along with what they came from: account, session, grant, client."""

from app import clock
from app.actor import Actor
from app.database import Session, tenant_of
from app.directory import permissions, statements


def revoke_of_user(
    session: Session, actor: Actor, user_id: str, because: str, *, except_session_id: str = ""
) -> None:
    """Revoke every family of a user, at every client, but for those of one session."""
    permissions.demand(actor, "family.revoke", user_id)
    values = {"user_id": user_id, "keep": except_session_id}
    session.execute(statements.REVOKE_FAMILIES_OF_USER, _given(session, because, values))


def revoke_of_browser_and_user(
    session: Session, actor: Actor, browser_id: str, user_id: str, because: str
) -> None:
    """Revoke the families of a user's sessions on one browser, replaced sessions included."""
    permissions.demand(actor, "family.revoke", user_id)
    values = {"browser_id": browser_id, "user_id": user_id}
    session.execute(
        statements.REVOKE_FAMILIES_OF_BROWSER_AND_USER, _given(session, because, values)
    )


def revoke_of_browser(session: Session, actor: Actor, browser_id: str, because: str) -> None:
    """Revoke the families of every session that there was on a browser."""
    permissions.demand(actor, "family.revoke")
    values = {"browser_id": browser_id}
    session.execute(statements.REVOKE_FAMILIES_OF_BROWSER, _given(session, because, values))


def revoke_of_grant(
    session: Session, actor: Actor, grant_id: str, user_id: str, because: str
) -> None:
    """Revoke the families that hang on a user's grant."""
    permissions.demand(actor, "family.revoke", user_id)
    values = {"grant_id": grant_id}
    session.execute(statements.REVOKE_FAMILIES_OF_GRANT, _given(session, because, values))


def revoke_of_client(session: Session, actor: Actor, client_id: str, because: str) -> None:
    """Revoke every family of a client."""
    permissions.demand(actor, "family.revoke")
    values = {"client_id": client_id}
    session.execute(statements.REVOKE_FAMILIES_OF_CLIENT, _given(session, because, values))


def _given(session: Session, because: str, values: dict[str, str]) -> dict[str, str | int]:
    return {**values, "tenant_id": tenant_of(session), "now": clock.now(), "because": because}
