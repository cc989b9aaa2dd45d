"""Browsers (the devices of the device list) and the sessions that hang on them."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, TenantOwned


class Browser(TenantOwned, Base):
    """A browser that somebody signed in with; the session cookie names it by a rotating secret."""

    __tablename__ = "browser"
    __table_args__ = (
        UniqueConstraint("tenant_id", "digest"),
        Index("ix_browser_last_seen", "last_seen_at"),
    )

    digest: Mapped[str]
    """Keyed hash of the cookie's value."""
    software: Mapped[str | None]
    system: Mapped[str | None]
    address: Mapped[str | None]
    last_seen_at: Mapped[Moment]
    last_method: Mapped[str | None]
    """How somebody came in here last: a method's key, a provider's with its connection behind a
    colon. It says nothing of whom, and is offered first to whoever comes next."""


class TrustedDevice(TenantOwned, Base):
    """A browser on which one user is not asked for a second factor, until it expires."""

    __tablename__ = "trusted_device"
    __table_args__ = (
        UniqueConstraint("tenant_id", "browser_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "browser_id"], ["browser.tenant_id", "browser.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_trusted_device_user", "tenant_id", "user_id"),
        Index("ix_trusted_device_expiry", "expires_at"),
    )

    browser_id: Mapped[str]
    user_id: Mapped[str]
    label: Mapped[str]
    expires_at: Mapped[Moment]
    last_used_at: Mapped[Moment]
    epoch: Mapped[int]
    """The sum of the installation's and the tenant's epoch when it was trusted."""


class Session(TenantOwned, Base):
    """One signed-in user on one browser; its id is the `sid` of its tokens."""

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "browser_id"], ["browser.tenant_id", "browser.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_session_browser", "tenant_id", "browser_id"),
        Index("ix_session_user", "tenant_id", "user_id"),
        Index("ix_session_idle", "idle_until"),
        Index("ix_session_ended", "ended_at"),
    )

    browser_id: Mapped[str]
    user_id: Mapped[str]
    auth_time: Mapped[Moment]
    amr: Mapped[list[str]]
    methods: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    """The keys of the methods behind `amr`, which says less: several give one-time codes."""
    acr: Mapped[str | None]
    last_seen_at: Mapped[Moment]
    idle_until: Mapped[Moment]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    epoch: Mapped[int]
    """The sum of the installation's and the tenant's epoch when it opened; another sum ends it."""
