"""Upstream identity providers, who is known by them, and the domains that organizations proved."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Document, Moment, TenantOwned

_IS_VERIFIED = text("verified_at IS NOT NULL")
_IS_UNANSWERED = text("accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL")


class Connection(TenantOwned, Base):
    """An upstream identity provider: of the whole tenant (social), or of one organization."""

    __tablename__ = "connection"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organization.tenant_id", "organization.id"]
        ),
        Index("ix_connection_organization", "tenant_id", "organization_id"),
    )

    organization_id: Mapped[str | None]
    """None for a social connection, which everybody in the tenant may use."""
    protocol: Mapped[str]
    """`oidc`, `oauth2` or `saml`."""
    provider: Mapped[str]
    """The preset that it was made from, such as `google` or `entra_saml`."""
    name: Mapped[str]
    """What people see on buttons."""
    status: Mapped[str]
    """`draft`, `active` or `disabled`."""
    settings: Mapped[Document]
    """What may be shown to admins, by protocol (`app.directory.connection_settings`)."""
    sealed: Mapped[bytes | None]
    """The client secret or private key."""
    generation: Mapped[int]
    """Raised when the issuer changes on a live connection: links of an older one are void."""
    metadata_due_at: Mapped[Moment | None]
    """When the worker looks at the provider's metadata again."""
    updated_at: Mapped[Moment]
    row_version: Mapped[int]


class LinkedIdentity(TenantOwned, Base):
    """A subject at a connection, tied to a user. Subjects are compared as exact strings."""

    __tablename__ = "linked_identity"
    __table_args__ = (
        UniqueConstraint("tenant_id", "connection_id", "subject"),
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"], ["connection.tenant_id", "connection.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_linked_identity_user", "tenant_id", "user_id"),
    )

    connection_id: Mapped[str]
    user_id: Mapped[str]
    subject: Mapped[str]
    generation: Mapped[int]
    """The connection's generation when the tie was made."""
    label: Mapped[str | None]
    """What the provider calls the person, for their own eyes: an address or a name."""
    last_used_at: Mapped[Moment]


class DomainClaim(TenantOwned, Base):
    """An organization's claim to a mail domain, proven by a TXT record."""

    __tablename__ = "domain_claim"
    __table_args__ = (
        UniqueConstraint("tenant_id", "organization_id", "domain"),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organization.tenant_id", "organization.id"]
        ),
        Index(
            "uq_domain_claim_verified",
            "tenant_id",
            "domain",
            unique=True,
            sqlite_where=_IS_VERIFIED,
            postgresql_where=_IS_VERIFIED,
        ),
        Index("ix_domain_claim_check", "check_at"),
    )

    organization_id: Mapped[str]
    domain: Mapped[str]
    """IDNA ASCII, lower case."""
    has_subdomains: Mapped[bool]
    """Whether addresses below the domain belong to it too."""
    token: Mapped[str]
    """What the TXT record must hold; no secret, as DNS is public."""
    verified_at: Mapped[Moment | None]
    check_at: Mapped[Moment | None]
    """When the worker looks again."""
    failures: Mapped[int]
    """Looks in a row that did not find the record."""


class UpstreamMessage(TenantOwned, Base):
    """A message that a provider had the browser post, kept until the flow's own page reads it.

    A cross-site POST comes without our Lax cookies, so it is only put down here; rows are never
    changed, so that strangers cannot overwrite one another's.
    """

    __tablename__ = "upstream_message"
    __table_args__ = (Index("ix_upstream_message_expiry", "expires_at"),)

    connection_id: Mapped[str]
    body: Mapped[Document]
    """The form's fields as they came, 256 KB at most."""
    expires_at: Mapped[Moment]


class UpstreamReport(TenantOwned, Base):
    """What arrived in a failed or a test sign-in, secrets masked, and what was wrong with it."""

    __tablename__ = "upstream_report"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"], ["connection.tenant_id", "connection.id"]
        ),
        Index("ix_upstream_report_connection", "tenant_id", "connection_id", "created_at"),
        Index("ix_upstream_report_age", "created_at"),
    )

    connection_id: Mapped[str]
    is_test: Mapped[bool]
    diagnosis: Mapped[str]
    """A stable id of `app.federation.diagnosis`; `ok` for a test that went well, `ok_before` once
    the connection was changed."""
    arrived: Mapped[Document]


class UpstreamSession(TenantOwned, Base):
    """What a session of ours came from at a provider, so that both can end together."""

    __tablename__ = "upstream_session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"], ["connection.tenant_id", "connection.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_upstream_session_session", "tenant_id", "session_id"),
        Index("ix_upstream_session_subject", "tenant_id", "connection_id", "subject"),
        Index("ix_upstream_session_user", "tenant_id", "user_id"),
        Index("ix_upstream_session_expiry", "expires_at"),
    )

    session_id: Mapped[str]
    """Our own; its row may be gone before this one."""
    user_id: Mapped[str]
    connection_id: Mapped[str]
    subject: Mapped[str]
    """What the provider's logout messages call the person: the NameID's text, or `sub`."""
    session_index: Mapped[str | None]
    """SAML's SessionIndex, or OpenID's `sid`."""
    name_id: Mapped[str | None]
    """The NameID with its qualifiers, as JSON."""
    sealed: Mapped[bytes | None]
    """The ID token, a hint for the provider's logout."""
    expires_at: Mapped[Moment]


class Invitation(TenantOwned, Base):
    """A place in an organization that waits for the owner of one address."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organization.tenant_id", "organization.id"]
        ),
        Index("ix_invitation_organization", "tenant_id", "organization_id"),
        Index("ix_invitation_address", "tenant_id", "email_key"),
        Index(
            "uq_invitation_unanswered",
            "tenant_id",
            "organization_id",
            "email_key",
            unique=True,
            sqlite_where=_IS_UNANSWERED,
            postgresql_where=_IS_UNANSWERED,
        ),
        Index("ix_invitation_expiry", "expires_at"),
    )

    organization_id: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    roles: Mapped[list[str]]
    digest: Mapped[str]
    """Keyed hash of the token in the mail."""
    invited_by: Mapped[str]
    """The actor, as the audit log writes it."""
    client_id: Mapped[str | None]
    """The application that whoever accepts goes on to."""
    locale: Mapped[str]
    epoch: Mapped[int]
    """The tenant's, when the token was made: a raised one ends it."""
    expires_at: Mapped[Moment]
    accepted_at: Mapped[Moment | None]
    accepted_by: Mapped[str | None]
    """The id of the user who took the place."""
    declined_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    row_version: Mapped[int] = mapped_column(server_default=text("1"))
