"""Messages on their way out."""

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from app.models.base import Base, Moment, TenantOwned

_OF_A_FLOW = text("flow_id IS NOT NULL")


class OutboxMessage(TenantOwned, Base):
    """A mail or SMS (later: webhook) written in the transaction that caused it."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "state", "next_attempt_at"),
        Index("ix_outbox_message_log", "tenant_id", "created_at"),
        Index(
            "ix_outbox_message_flow",
            "tenant_id",
            "flow_id",
            sqlite_where=_OF_A_FLOW,
            postgresql_where=_OF_A_FLOW,
        ),
    )

    channel: Mapped[str]
    """`mail` or `sms`."""
    purpose: Mapped[str]
    """The mail's name, such as `sign_in_code`; also its template."""
    recipient: Mapped[str]
    """Masked, for the delivery log."""
    sealed_payload: Mapped[bytes | None]
    """Recipient and placeholder values, sealed; erased on delivery or expiry, and of a message that
    carries a secret also when it is given up."""
    carries_secret: Mapped[bool]
    state: Mapped[str]
    """`queued`, `sent`, `expired` or `dead`."""
    attempts: Mapped[int]
    next_attempt_at: Mapped[Moment]
    leased_until: Mapped[Moment]
    expires_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    last_error: Mapped[str | None]
    flow_id: Mapped[str | None]
    """The flow that caused it, if any."""
    operation: Mapped[str | None]
    """What the sender calls the message, where it took it and has not said yet how it went."""


class DeliveryAttempt(TenantOwned, Base):
    """How one attempt to deliver a message ended."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["outbox_message.tenant_id", "outbox_message.id"],
            ondelete="CASCADE",
        ),
        Index("ix_delivery_attempt_message", "tenant_id", "message_id"),
    )

    message_id: Mapped[str]
    outcome: Mapped[str]
    """`sent`, `accepted`, `retried` or `dead`."""
    reason: Mapped[str | None]
