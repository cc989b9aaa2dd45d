"""Running flows."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned


class Flow(TenantOwned, Base):
    """One running sign-in, sign-up or recovery, named in the URL."""

    __tablename__ = "flow"
    __table_args__ = (Index("ix_flow_expiry", "expires_at"),)

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
