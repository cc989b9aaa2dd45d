"""The sessions that people have at their providers, so that both can end together."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "upstream_session",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("session_index", sa.Text(), nullable=True),
        sa.Column("name_id", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"], ["connection.tenant_id", "connection.id"]
        ),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )
    op.create_index("ix_upstream_session_session", "upstream_session", ["tenant_id", "session_id"])
    op.create_index(
        "ix_upstream_session_subject", "upstream_session", ["tenant_id", "connection_id", "subject"]
    )
    op.create_index("ix_upstream_session_user", "upstream_session", ["tenant_id", "user_id"])
    op.create_index("ix_upstream_session_expiry", "upstream_session", ["expires_at"])
