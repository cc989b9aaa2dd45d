"""How often something happened at a tenant on one day."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class DailyCount(Base):
    """One kind of event on one day (UTC), counted while events are sealed."""

    __tablename__ = "daily_count"
    __table_args__ = (Index("ix_daily_count_at", "at"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    at: Mapped[Moment] = mapped_column(primary_key=True)
    """When the day begins."""
    name: Mapped[str] = mapped_column(primary_key=True)
    """An id of `app.audit.events`; of a sign-in with the method behind it."""
    total: Mapped[int] = mapped_column(BigInteger)
