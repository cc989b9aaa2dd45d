"""Who does something. Every write and every audit event has one."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "admin", "client", "cli", "system"]


@dataclass(frozen=True)
class Actor:
    """A user, admin, client, person at the command line, or AuthPage itself; and from where."""

    kind: ActorKind
    id: str | None = None
    address: str | None = None
    """Network address of the request, if any."""
    user_agent: str | None = None
    request_id: str | None = None
    roles: frozenset[str] = frozenset()
    """Console roles of an admin."""
    organization_id: str | None = None
    """The only organization that an admin may act upon; None for all of the tenant's."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")
CLI = Actor("cli")
