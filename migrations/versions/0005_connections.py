"""Connections, linked identities, domain claims and invitations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _create_connections()
    _create_domain_claims()
    _create_upstream()
    _create_invitations()


def _create_connections() -> None:
    _tenant_owned(
        "connection",
        _words("organization_id", nullable=True),
        *map(_words, ("protocol", "provider", "name", "status")),
        _document("settings"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _number("generation"),
        _moment("metadata_due_at", nullable=True),
        _moment("updated_at"),
        _number("row_version"),
        _inside_tenant("organization_id", "organization"),
    )
    op.create_index("ix_connection_organization", "connection", ["tenant_id", "organization_id"])
    _tenant_owned(
        "linked_identity",
        *map(_words, ("connection_id", "user_id", "subject")),
        _number("generation"),
        _words("label", nullable=True),
        _moment("last_used_at"),
        sa.UniqueConstraint("tenant_id", "connection_id", "subject"),
        _inside_tenant("connection_id", "connection"),
        _inside_tenant("user_id", "user"),
    )
    op.create_index("ix_linked_identity_user", "linked_identity", ["tenant_id", "user_id"])


def _create_domain_claims() -> None:
    _tenant_owned(
        "domain_claim",
        *map(_words, ("organization_id", "domain")),
        sa.Column("has_subdomains", sa.Boolean(), nullable=False),
        _words("token"),
        _moment("verified_at", nullable=True),
        _moment("check_at", nullable=True),
        _number("failures"),
        sa.UniqueConstraint("tenant_id", "organization_id", "domain"),
        _inside_tenant("organization_id", "organization"),
    )
    is_verified = sa.text("verified_at IS NOT NULL")
    op.create_index(
        "uq_domain_claim_verified",
        "domain_claim",
        ["tenant_id", "domain"],
        unique=True,
        sqlite_where=is_verified,
        postgresql_where=is_verified,
    )
    op.create_index("ix_domain_claim_check", "domain_claim", ["check_at"])


def _create_upstream() -> None:
    _tenant_owned(
        "upstream_message", _words("connection_id"), _document("body"), _moment("expires_at")
    )
    op.create_index("ix_upstream_message_expiry", "upstream_message", ["expires_at"])
    _tenant_owned(
        "upstream_report",
        _words("connection_id"),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        _words("diagnosis"),
        _document("arrived"),
        _inside_tenant("connection_id", "connection"),
    )
    op.create_index(
        "ix_upstream_report_connection",
        "upstream_report",
        ["tenant_id", "connection_id", "created_at"],
    )
    op.create_index("ix_upstream_report_age", "upstream_report", ["created_at"])


def _create_invitations() -> None:
    _tenant_owned(
        "invitation",
        *map(_words, ("organization_id", "email", "email_key")),
        sa.Column("roles", sa.JSON(), nullable=False),
        *map(_words, ("digest", "invited_by")),
        _words("client_id", nullable=True),
        _words("locale"),
        _number("epoch"),
        _moment("expires_at"),
        _moment("accepted_at", nullable=True),
        _words("accepted_by", nullable=True),
        _moment("declined_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False, server_default="1"),
        _inside_tenant("organization_id", "organization"),
    )
    op.create_index("ix_invitation_organization", "invitation", ["tenant_id", "organization_id"])
    op.create_index("ix_invitation_address", "invitation", ["tenant_id", "email_key"])
    op.create_index("ix_invitation_expiry", "invitation", ["expires_at"])
    is_unanswered = sa.text("accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL")
    op.create_index(
        "uq_invitation_unanswered",
        "invitation",
        ["tenant_id", "organization_id", "email_key"],
        unique=True,
        sqlite_where=is_unanswered,
        postgresql_where=is_unanswered,
    )


def _words(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _document(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _tenant_owned(table: str, *rest: Any) -> None:
    """A table inside a tenant: its key starts with the tenant, and so do its foreign keys."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *rest,
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    )


def _inside_tenant(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A reference that cannot leave its tenant."""
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])
