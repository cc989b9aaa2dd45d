"""People, the identifiers that name them and the credentials that prove them."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import SORTED, Base, Document, Moment, TenantOwned


class User(TenantOwned, Base):
    """A person in one tenant."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("tenant_id", "handle"),
        Index(
            "ix_user_deletion",
            "deletion_due_at",
            sqlite_where=text("deletion_due_at IS NOT NULL"),
            postgresql_where=text("deletion_due_at IS NOT NULL"),
        ),
        Index(
            "ix_user_anonymous",
            "tenant_id",
            "created_at",
            sqlite_where=text("is_anonymous AND status <> 'erased'"),
            postgresql_where=text("is_anonymous AND status <> 'erased'"),
        ),
        Index("ix_user_name", "tenant_id", "name_key"),
        Index("ix_user_family_name", "tenant_id", "family_key"),
        Index("ix_user_last_signed_in", "tenant_id", "last_signed_in_at", "id"),
    )

    status: Mapped[str]
    """`active`, `disabled` or `erased`. An erased row stays: its id is never given twice."""
    display_name: Mapped[str | None]
    name_key: Mapped[str | None] = mapped_column(SORTED)
    """The name as it is found (`names.search_key`)."""
    family_key: Mapped[str | None] = mapped_column(SORTED)
    """The same with the last word first; None for names of one word."""
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
    mfa_required: Mapped[bool] = mapped_column(server_default=false())
    """Whether this person needs a second factor, whatever the tenant asks of everybody."""
    enrolments_put_off: Mapped[int] = mapped_column(server_default="0")
    """How often the person put off a second factor that is required of them."""
    breached_sign_ins: Mapped[int] = mapped_column(server_default="0")
    """How often the person signed in with a password that is known from a breach."""
    new_password_required_at: Mapped[Moment | None]
    """When it was required that the person choose another password; None when it is not."""
    passkey_offered_at: Mapped[Moment | None]
    """When a passkey was last offered and declined."""
    deletion_due_at: Mapped[Moment | None]
    """When the account will be erased, because its person asked for it."""
    merged_into: Mapped[str | None]
    """The user that an anonymous one turned out to be."""
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
    key: Mapped[str] = mapped_column(SORTED)
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
        Index("uq_credential_external", "tenant_id", "external_id", unique=True),
    )

    user_id: Mapped[str]
    kind: Mapped[str]
    """The key of the method that verifies it."""
    label: Mapped[str | None]
    secret: Mapped[str] = mapped_column()
    """A password hash (PHC string), or what the method keeps, sealed if it is to be used."""
    external_id: Mapped[str | None]
    """The credential id of a passkey, in base64url; None for the other kinds."""
    counter: Mapped[int | None] = mapped_column(BigInteger)
    """What must only grow: the last accepted TOTP step, the signature count of a passkey."""
    details: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    """What the method knows beside the secret, such as the AAGUID of a passkey."""
    last_used_at: Mapped[Moment | None]
    row_version: Mapped[int]
