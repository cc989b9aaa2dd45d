"""How far each tenant's audit log is sealed."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, Moment


class AuditChain(Base):
    """One row for each tenant whose audit log has sealed events."""

    __tablename__ = "audit_chain"
    __table_args__ = (Index("ix_audit_chain_look", "look_at"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    """The place of the newest sealed event; 0 before the first."""
    hash: Mapped[str]
    anchor_sequence: Mapped[int] = mapped_column(BigInteger)
    """The place of the newest event that was deleted for its age; 0 while none was."""
    anchor_hash: Mapped[str]
    marks: Mapped[Document]
    """Family of events -> the moment before which their content may be gone."""
    head: Mapped[str | None]
    """All of this, signed (`app.audit.head`)."""
    look_at: Mapped[Moment]
    """When to look next for events whose time is over."""
