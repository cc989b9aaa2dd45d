"""The audit log."""

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, TenantOwned

_UNSEALED = text("sequence IS NULL")
_OF_A_FLOW = text("flow_id IS NOT NULL")


class AuditEvent(TenantOwned, Base):
    """Something that happened, written in the transaction of the act; `created_at` is when."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sequence"),
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index("ix_audit_event_time", "tenant_id", "created_at", "id"),
        Index("ix_audit_event_age", "created_at"),
        Index("ix_audit_event_subject", "tenant_id", "subject_id", "created_at"),
        Index(
            "ix_audit_event_unsealed",
            "tenant_id",
            "id",
            sqlite_where=_UNSEALED,
            postgresql_where=_UNSEALED,
        ),
        Index(
            "ix_audit_event_flow",
            "tenant_id",
            "flow_id",
            sqlite_where=_OF_A_FLOW,
            postgresql_where=_OF_A_FLOW,
        ),
    )

    event: Mapped[str]
    """An id of `app.audit.events`, such as `user.signed_in`."""
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None]
    subject_id: Mapped[str | None]
    """The user that it is about, if any."""
    targets: Mapped[list[Document]]
    """Other things that it touched: `{"kind": ..., "id": ...}`."""
    request_id: Mapped[str | None]
    flow_id: Mapped[str | None]
    """The flow in whose transaction it happened, if any."""
    data: Mapped[Document]
    """Facts without personal data."""
    personal: Mapped[bytes | None]
    """Personal data (address, network address, user agent), sealed under the subject's own key."""
    personal_digest: Mapped[str | None]
    """Stands for `personal` in the chain, so that erasing it breaks nothing."""
    idempotency_key: Mapped[str | None]
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    """Its place in the tenant's chain; given by the sealer."""
    previous_hash: Mapped[str | None]
    hash: Mapped[str | None]
    emptied: Mapped[str | None]
    """Stands for the content in the chain once that was deleted for its age."""
