"""Whose account it is, and how the person at the door was proven."""

from dataclasses import dataclass

from app.actor import Actor
from app.directory.tenants import Tenant


@dataclass(frozen=True)
class Owner:
    """A signed-in person who acts upon the own account. Times in milliseconds."""

    tenant: Tenant
    actor: Actor
    """The user by id, and from where."""
    user_id: str
    session_id: str | None
    """The live session that the door found; it outlives what ends the others."""
    auth_time: int
    acr: str | None
    """The class that the session or token was proven to (`app.flow.assurance`)."""
    locale: str
    client_id: str | None = None
    """The app whose access token opened the door; None on the pages."""

    @property
    def binding(self) -> str:
        """What a challenge of this person is bound to, so that no other session can answer it."""
        return f"account {self.session_id or self.user_id}"
