"""Second factors, passkeys, policy, trusted devices, SMS, and the account that people keep."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _extend_people()
    _extend_organizations_and_clients()
    _add("session", _list("methods"))
    _create_trusted_devices()
    _create_sms()


def _extend_people() -> None:
    _add("user", _flag("mfa_required"), _number("enrolments_put_off"), _number("breached_sign_ins"))
    _add("user", *map(_moment, ("passkey_offered_at", "deletion_due_at")), _words("merged_into"))
    is_due = sa.text("deletion_due_at IS NOT NULL")
    op.create_index(
        "ix_user_deletion",
        "user",
        ["deletion_due_at"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    _add("credential", _words("external_id"), _moment("counter"), _document("details"))
    op.create_index(
        "uq_credential_external", "credential", ["tenant_id", "external_id"], unique=True
    )


def _extend_organizations_and_clients() -> None:
    _add("organization", _document("policy"))
    _add("role", _flag("mfa_required"))
    _add("client", _words("link_url"), _flag("allows_anonymous"))


def _create_trusted_devices() -> None:
    _tenant_owned(
        "trusted_device",
        sa.Column("browser_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.UniqueConstraint("tenant_id", "browser_id", "user_id"),
        _inside_tenant("browser_id", "browser"),
        _inside_tenant("user_id", "user"),
    )
    op.create_index("ix_trusted_device_user", "trusted_device", ["tenant_id", "user_id"])


def _create_sms() -> None:
    _tenant_owned(
        "tenant_secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    _tenant_owned(
        "sms_prefix",
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("converted", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
    )


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=True)


def _document(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text("'{}'"))


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text("'[]'"))


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
