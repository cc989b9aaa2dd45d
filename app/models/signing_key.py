"""Keys that sign a tenant's tokens."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned


class SigningKey(TenantOwned, Base):
    """One key pair; its id is the `kid` (RFC 7517, section 4.5)."""

    __tablename__ = "signing_key"
    __table_args__ = (Index("ix_signing_key_alg", "tenant_id", "alg"),)

    alg: Mapped[str]
    """`RS256`, `ES256` or `EdDSA`."""
    public_jwk: Mapped[Document]
    sealed_private_key: Mapped[bytes]
    active_from: Mapped[Moment]
    """Published from its birth on, signs from here on."""
    retired_at: Mapped[Moment | None]
    """From here on it signs no more; still published until `remove_at`."""
    remove_at: Mapped[Moment | None]
