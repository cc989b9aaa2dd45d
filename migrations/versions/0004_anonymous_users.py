"""What the worker looks for when it erases anonymous users who are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    is_anonymous = sa.text("is_anonymous AND status <> 'erased'")
    op.create_index(
        "ix_user_anonymous",
        "user",
        ["tenant_id", "created_at"],
        sqlite_where=is_anonymous,
        postgresql_where=is_anonymous,
    )
