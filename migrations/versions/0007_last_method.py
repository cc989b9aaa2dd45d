"""By which way a browser signed in last, so that it can be offered first."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("browser", sa.Column("last_method", sa.Text(), nullable=True))
