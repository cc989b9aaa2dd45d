"""Organizations, the roles a tenant knows, and who belongs where."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, Moment, TenantOwned


class Organization(TenantOwned, Base):
    """A customer company inside a tenant."""

    __tablename__ = "organization"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"], ["organization.tenant_id", "organization.id"]
        ),
    )

    slug: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    """`active` or `disabled`."""
    parent_id: Mapped[str | None]
    is_joinable: Mapped[bool]
    """Whether a person may join it by themselves at sign-up, where the tenant allows joining."""
    public_metadata: Mapped[Document]
    private_metadata: Mapped[Document]
    policy: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    """What the organization asks of its members beyond the tenant (`OrganizationPolicy`)."""
    updated_at: Mapped[Moment]
    row_version: Mapped[int]


class Role(TenantOwned, Base):
    """A role that members may have, known by its key in tokens."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: Mapped[str]
    name: Mapped[str]
    mfa_required: Mapped[bool] = mapped_column(server_default=false())
    """Whether whoever acts with this role needs a second factor."""


class Membership(TenantOwned, Base):
    """A user's place in an organization."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("tenant_id", "organization_id", "user_id"),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organization.tenant_id", "organization.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_membership_user", "tenant_id", "user_id"),
    )

    organization_id: Mapped[str]
    user_id: Mapped[str]
    roles: Mapped[list[str]]
    row_version: Mapped[int]
