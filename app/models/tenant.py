"""Tenants, the hosts they answer on, and the installation that holds them all."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class Tenant(Base):
    """An isolated user pool with its own issuer, keys, branding and settings."""

    __tablename__ = "tenant"

    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    """`live` or `test`, fixed at birth: only a test tenant may echo or fix one-time codes."""
    status: Mapped[str]
    """`active` or `disabled`."""
    issuer: Mapped[str] = mapped_column(unique=True)
    rp_id: Mapped[str]
    epoch: Mapped[int]
    """Raised to kill everything short-lived of this tenant at once."""
    created_at: Mapped[Moment]
    row_version: Mapped[int]


class TenantHost(Base):
    """A host of its own on which a tenant answers; two tenants can never share one."""

    __tablename__ = "tenant_host"

    host: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    created_at: Mapped[Moment]
    stopped_at: Mapped[Moment | None]
    """Since when it is not served, as its DNS led elsewhere; the row keeps others out of it."""


class Installation(Base):
    """The single row (id 1) about the database as a whole."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    """Raised after a restore or failover: kills everything short-lived of every tenant."""
    changes: Mapped[int]
    """Counts changes to anything that processes cache (tenants, settings, clients, keys)."""
    key_check: Mapped[str]
    """A value made with the root key, so that a wrong key is noticed before it does harm."""
