"""The rows behind everything that counts once."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, Moment, TenantOwned


class OneTime(TenantOwned, Base):
    """A code, link, ticket or challenge that may be redeemed once (`app.single_use`)."""

    __tablename__ = "one_time"
    __table_args__ = (
        Index("ix_one_time_subject", "tenant_id", "kind", "subject"),
        Index("ix_one_time_expiry", "expires_at"),
    )

    kind: Mapped[str]
    subject: Mapped[str]
    """Whom or what it is about: a user id, or a keyed hash of an identifier."""
    binding: Mapped[str]
    """What must be presented with it: flow, client, redirect URI, as its kind requires."""
    digest: Mapped[str]
    payload: Mapped[Document]
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    expires_at: Mapped[Moment]
    consumed_at: Mapped[Moment | None]
    epoch: Mapped[int]


class ReplayMark(Base):
    """A foreign value (`jti`, assertion id, challenge) that was seen and may not return."""

    __tablename__ = "replay_mark"
    __table_args__ = (Index("ix_replay_mark_expiry", "expires_at"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[Moment]


class Counter(Base):
    """How often something happened since `started_at`; guards secrets, so it lives here."""

    __tablename__ = "counter"
    __table_args__ = (Index("ix_counter_expiry", "expires_at"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    started_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class IdempotencyKey(TenantOwned, Base):
    """The answer that a request with this Idempotency-Key got, to be given again."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_expiry", "expires_at"),)

    actor: Mapped[str]
    request_digest: Mapped[str]
    status: Mapped[int]
    body: Mapped[Document]
    expires_at: Mapped[Moment]
