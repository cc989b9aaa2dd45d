"""People, the identifiers that name them and the credentials that prove them."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, Moment, TenantOwned


class User(TenantOwned, Base):
    """A person in one tenant."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("tenant_id", "handle"),)

    status: Mapped[str]
    """`active`, `disabled` or `erased`. An erased row stays: its id is never given twice."""
    display_name: Mapped[str | None]
    locale: Mapped[str | None]
    is_anonymous: Mapped[bool]
    handle: Mapped[bytes]
    """64 random bytes: the user handle of WebAuthn Level 3, section 5.4.3."""
    public_metadata: Mapped[Document]
    private_metadata: Mapped[Document]
    personal_key: Mapped[bytes | None]
    """Sealed key of this person's data in the audit log; erasing the user erases it."""
    updated_at: Mapped[Moment]
    last_signed_in_at: Mapped[Moment | None]
    erased_at: Mapped[Moment | None]
    row_version: Mapped[int]


class Identifier(TenantOwned, Base):
    """An email address, phone number or username that names a user."""

    __tablename__ = "identifier"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "key"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_identifier_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[str]
    kind: Mapped[str]
    """`email`, `phone` or `username`."""
    value: Mapped[str]
    """As the person wrote it; messages go here."""
    key: Mapped[str]
    """The canonical form, by which it is found."""
    is_primary: Mapped[bool]
    verified_at: Mapped[Moment | None]


class Credential(TenantOwned, Base):
    """A password, passkey, TOTP secret or set of recovery codes."""

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_credential_user", "tenant_id", "user_id"),
        Index(
            "uq_credential_password",
            "tenant_id",
            "user_id",
            unique=True,
            sqlite_where=text("kind = 'password'"),
            postgresql_where=text("kind = 'password'"),
        ),
    )

    user_id: Mapped[str]
    kind: Mapped[str]
    """The key of the method that verifies it."""
    label: Mapped[str | None]
    secret: Mapped[str] = mapped_column()
    """A password hash (PHC string), or what the method keeps, sealed if it is to be used."""
    last_used_at: Mapped[Moment | None]
    row_version: Mapped[int]
