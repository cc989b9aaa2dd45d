"""Versioned settings."""

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned


class Setting(TenantOwned, Base):
    """One revision of one section of the settings of a tenant, organization or client."""

    __tablename__ = "setting"
    __table_args__ = (
        UniqueConstraint("tenant_id", "subject", "section", "revision"),
        Index("ix_setting_state", "tenant_id", "state"),
        Index(
            "ix_setting_scheduled",
            "publish_at",
            sqlite_where=text("state = 'scheduled'"),
            postgresql_where=text("state = 'scheduled'"),
        ),
    )

    subject: Mapped[str]
    """`tenant`, or the id of the organization or client that it overrides for."""
    section: Mapped[str]
    revision: Mapped[int]
    state: Mapped[str]
    """`draft`, `scheduled`, `published` or `superseded`; one revision of a section at most is
    published, and one at most a draft or scheduled."""
    owner: Mapped[str]
    """Who may change it: `file`, `console` or `cli`."""
    document: Mapped[Document]
    actor: Mapped[str]
    publish_at: Mapped[Moment | None]
    """When the worker publishes what is scheduled."""
