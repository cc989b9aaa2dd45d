"""Token families: what descends from one authorization code."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app import clock
from app.actor import Actor
from app.database import Session, tenant_of
from app.directory.tenants import Tenant
from app.oidc import statements
from app.oidc.claims_request import ClaimsRequest
from app.oidc.codes import Code


@dataclass(frozen=True)
class Family:
    """A family, with what is known of its user now. Times in milliseconds."""

    tenant_id: str
    id: str
    user_id: str
    client_id: str
    grant_id: str | None
    session_id: str | None
    organization_id: str | None
    scopes: tuple[str, ...]
    claims: ClaimsRequest
    audience: tuple[str, ...]
    auth_time: int
    amr: tuple[str, ...]
    acr: str | None
    nonce: str | None
    generation: int
    rotated_at: int
    idle_until: int
    expires_at: int
    revoked_at: int | None
    epoch: int
    user_status: str | None
    is_anonymous: bool | None
    display_name: str | None
    locale: str | None
    user_updated_at: int | None
    email: str | None
    email_verified_at: int | None
    roles: tuple[str, ...] | None
    """The user's roles in the organization; None without one, or when no longer a member of it."""

    def is_good(self, tenant: Tenant) -> bool:
        """Whether its tokens still say something true: nobody revoked it, the user is active and
        belongs to the organization, and no epoch has passed. Ages are the tokens' own matter."""
        return (
            self.revoked_at is None
            and self.epoch == tenant.epoch
            and self.user_status == "active"
            and (self.organization_id is None or self.roles is not None)
        )

    def lives_at(self, now: int) -> bool:
        """Whether neither its idle nor its absolute end has come."""
        return now < self.idle_until and now < self.expires_at


def open_family(
    session: Session, tenant: Tenant, code: Code, *, refreshable: bool
) -> Family | None:
    """The family of the tokens that `code` gives, in the transaction that consumed it.

    None when the user was disabled or signed out since, or has left the organization. Without
    refresh tokens the family ends with its first access token.
    """
    content, now, lives = code.content, clock.now(), tenant.settings.lifetimes
    absolute = lives.refresh_absolute if refreshable else lives.access_token
    expires_at = now + absolute * clock.SECOND
    values = {
        **content.model_dump(mode="json", include=_FROM_CODE),
        "tenant_id": tenant.id,
        "id": code.family_id,
        "audience": [tenant.issuer],
        "now": now,
        "idle_until": min(now + lives.refresh_idle * clock.SECOND, expires_at),
        "expires_at": expires_at,
        "epoch": tenant.epoch,
    }
    row = session.execute(statements.OPEN_FAMILY, values).first()
    family = of_row(row) if row else None
    return family if family and family.is_good(tenant) else None


def find(session: Session, family_id: str) -> Family | None:
    """The family in whatever state it is; one statement."""
    key = {"tenant_id": tenant_of(session), "id": family_id}
    row = session.execute(statements.FIND_FAMILY, key).first()
    return of_row(row) if row else None


def revoke(session: Session, family_id: str, client_id: str, because: str) -> str | None:
    """End the client's family and with it every token in it; returns whose it was, None when there
    was nothing to end."""
    row = session.execute(
        statements.REVOKE_FAMILY,
        {
            "tenant_id": tenant_of(session),
            "id": family_id,
            "client_id": client_id,
            "now": clock.now(),
            "because": because,
        },
    ).first()
    return str(row.user_id) if row else None


def of_row(row: Row[Any]) -> Family:
    """The family that a statement of this package answered with."""
    values = dict(row._mapping)
    for name in ("scopes", "audience", "amr"):
        values[name] = tuple(values[name])
    values["roles"] = None if values["roles"] is None else tuple(values["roles"])
    return Family(**{**values, "claims": ClaimsRequest.model_validate(values["claims"])})


def client_actor(client_id: str, requester: Actor) -> Actor:
    """The client as an actor, from where its request came."""
    return Actor(
        "client",
        client_id,
        address=requester.address,
        user_agent=requester.user_agent,
        request_id=requester.request_id,
    )


_FROM_CODE = {
    "client_id",
    "user_id",
    "session_id",
    "grant_id",
    "organization_id",
    "scopes",
    "claims",
    "auth_time",
    "amr",
    "acr",
    "nonce",
}
