"""The chain that seals the audit log, and what is kept of a flow to explain it later."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_UNSEALED = sa.text("sequence IS NULL")
_OF_A_FLOW = sa.text("flow_id IS NOT NULL")
_OF_AN_ADDRESS = sa.text("address_hash IS NOT NULL")


def upgrade() -> None:
    _chain()
    _trace()


def _chain() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("anchor_sequence", sa.BigInteger(), nullable=False),
        sa.Column("anchor_hash", sa.Text(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("tenant_id"),
    )
    op.create_index("ix_audit_chain_look", "audit_chain", ["look_at"])
    op.add_column("audit_event", sa.Column("emptied", sa.Text(), nullable=True))
    _partial("ix_audit_event_unsealed", "audit_event", ["tenant_id", "id"], _UNSEALED)


def _trace() -> None:
    op.add_column("audit_event", sa.Column("flow_id", sa.Text(), nullable=True))
    op.add_column("outbox_message", sa.Column("flow_id", sa.Text(), nullable=True))
    op.add_column("flow", sa.Column("trace", sa.JSON(), nullable=True))
    for name in ("support_code", "address_hash", "client_id"):
        op.add_column("flow", sa.Column(name, sa.Text(), nullable=True))
    for table in ("audit_event", "outbox_message"):
        _partial(f"ix_{table}_flow", table, ["tenant_id", "flow_id"], _OF_A_FLOW)
    op.create_index("ix_flow_support_code", "flow", ["tenant_id", "support_code"])
    _partial("ix_flow_address", "flow", ["tenant_id", "address_hash"], _OF_AN_ADDRESS)


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
