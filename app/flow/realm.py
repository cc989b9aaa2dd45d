"""Home-realm discovery: which identity provider an address signs in with, and why.

Pure, and asked before any challenge is created, so that an address whose domain belongs to an
organization's connection never causes a code to be sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

LOCAL = "local"


@dataclass(frozen=True)
class DomainClaim:
    """An organization's verified claim to a domain, with the connection that serves it."""

    domain: str
    connection_id: str
    organization_id: str
    is_enabled: bool
    sso: Literal["required", "optional"]


@dataclass(frozen=True)
class Realm:
    """Where an address belongs: `local`, or a connection's id; and why, for people to read."""

    id: str
    reason: str

    @property
    def is_local(self) -> bool:
        """Whether the tenant's own methods are used."""
        return self.id == LOCAL


Connections = Callable[[str, str], Sequence[DomainClaim]]
"""Given a tenant id and a domain, the verified claims to that domain."""


def no_connections(_tenant_id: str, _domain: str) -> Sequence[DomainClaim]:
    """The connection table of a tenant that has no connections."""
    return ()


def discover(domain: str, claims: Sequence[DomainClaim]) -> Realm:
    """The realm of an address of `domain` (IDNA ASCII, lower case), given the claims to it."""
    for claim in claims:
        if claim.domain == domain and claim.is_enabled and claim.sso == "required":
            return Realm(claim.connection_id, f"{domain} is claimed and single sign-on is required")
    if any(claim.domain == domain for claim in claims):
        return Realm(LOCAL, f"{domain} is claimed, but single sign-on is off or optional")
    return Realm(LOCAL, f"nobody claims {domain}")
