"""Messages on their way out."""

from sqlalchemy import Index, text
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
    """Recipient and placeholder values, sealed; erased on delivery or expiry."""
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
