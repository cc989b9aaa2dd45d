"""Who administers what."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, TenantOwned


class AdminRole(TenantOwned, Base):
    """A role in the console; its tenant is the console's own, where admins are users."""

    __tablename__ = "admin_role"
    __table_args__ = (UniqueConstraint("tenant_id", "holder", "scope"),)

    holder: Mapped[str]
    """The id of the console's user; or `email:` and the canonical address that the role is kept
    for until somebody proves it."""
    scope: Mapped[str]
    """What is administered: `*`, the id of a tenant, or that and `/` and an organization's id."""
    administered_id: Mapped[str | None] = mapped_column(ForeignKey("tenant.id"))
    """The tenant; None for every tenant."""
    organization_id: Mapped[str | None]
    """The only organization, of a delegated admin."""
    role: Mapped[str]
    email: Mapped[str]
    """The address that the role was given to."""
    granted_by: Mapped[str]
    """The actor, as the audit log writes it."""
    taken_up_at: Mapped[Moment | None]
