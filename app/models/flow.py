"""Running flows."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned

_OF_AN_ADDRESS = text("address_hash IS NOT NULL")


class Flow(TenantOwned, Base):
    """One running sign-in, sign-up or recovery, named in the URL."""

    __tablename__ = "flow"
    __table_args__ = (
        Index("ix_flow_expiry", "expires_at"),
        Index("ix_flow_support_code", "tenant_id", "support_code"),
        Index(
            "ix_flow_address",
            "tenant_id",
            "address_hash",
            sqlite_where=_OF_AN_ADDRESS,
            postgresql_where=_OF_AN_ADDRESS,
        ),
    )

    kind: Mapped[str]
    state: Mapped[str]
    """`running` or `finished`."""
    binding: Mapped[str]
    """Keyed hash of the browser's flow cookie, or of the headless flow token."""
    is_headless: Mapped[bool]
    continuation: Mapped[Document]
    """What the flow completes, as a typed value (`app.flow.continuation`)."""
    facts: Mapped[Document]
    """What the flow has learned (`app.flow.facts`)."""
    version: Mapped[int]
    epoch: Mapped[int]
    expires_at: Mapped[Moment]
    trace: Mapped[list[Document] | None]
    """What happened in it, a bounded list (`app.flow.trace`)."""
    support_code: Mapped[str | None]
    address_hash: Mapped[str | None]
    """Keyed hash of the identifier that was typed last."""
    client_id: Mapped[str | None]
