"""What users allowed clients, and the refresh-token families that hang on it."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned


class Grant(TenantOwned, Base):
    """What one user allowed one client; tokens belong to it."""

    __tablename__ = "grant"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "client_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    )

    user_id: Mapped[str]
    client_id: Mapped[str]
    scopes: Mapped[list[str]]
    """Scopes that the person consented to, remembered."""
    updated_at: Mapped[Moment]
    row_version: Mapped[int]


class TokenFamily(TenantOwned, Base):
    """The refresh tokens that descend from one authorization code.

    No token is stored: the token of a generation is computed from the row and the root key, so the
    successor of a token is always the same one, and a lost answer can be given again within the
    grace time.
    """

    __tablename__ = "token_family"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
        Index("ix_token_family_user", "tenant_id", "user_id"),
        Index("ix_token_family_session", "tenant_id", "session_id"),
        Index("ix_token_family_expiry", "expires_at"),
    )

    user_id: Mapped[str]
    client_id: Mapped[str]
    grant_id: Mapped[str | None]
    session_id: Mapped[str | None]
    organization_id: Mapped[str | None]
    scopes: Mapped[list[str]]
    claims: Mapped[Document]
    """Claims asked for by name (OpenID Connect Core, section 5.5), for the tokens of a refresh."""
    audience: Mapped[list[str]]
    auth_time: Mapped[Moment]
    amr: Mapped[list[str]]
    acr: Mapped[str | None]
    nonce: Mapped[str | None]
    generation: Mapped[int]
    rotated_at: Mapped[Moment]
    idle_until: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    revoked_because: Mapped[str | None]
    epoch: Mapped[int]
