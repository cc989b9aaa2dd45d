"""Which clients a file owns."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column(
        "client",
        sa.Column("is_owned_by_file", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
