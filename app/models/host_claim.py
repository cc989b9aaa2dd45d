"""Hosts that tenants want to answer on, and what the DNS says about them."""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, TenantOwned


class HostClaim(TenantOwned, Base):
    """A host that a tenant's admin added. Many tenants may claim one; whoever has proven it has a
    row in `tenant_host`, where there is place for one alone."""

    __tablename__ = "host_claim"
    __table_args__ = (
        UniqueConstraint("tenant_id", "host"),
        Index("ix_host_claim_check", "check_at"),
    )

    host: Mapped[str]
    """ASCII, lower case, without a port."""
    token: Mapped[str]
    """What its TXT record holds: DNS that only points here says nothing about whose it is."""
    verified_at: Mapped[Moment | None]
    check_at: Mapped[Moment | None]
    """When the worker looks again; None while it does not."""
    failures: Mapped[int] = mapped_column(server_default="0")
    """Looks in a row that found the host elsewhere."""
