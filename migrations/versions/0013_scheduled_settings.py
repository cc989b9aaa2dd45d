"""Settings that publish themselves at a moment, and links of brands that are https only."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_LINKS = ("privacy_url", "terms_url", "support_url")
_setting = sa.table(
    "setting",
    sa.column("tenant_id", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("section", sa.Text()),
    sa.column("document", sa.JSON()),
)


def upgrade() -> None:
    op.add_column("setting", sa.Column("publish_at", sa.BigInteger(), nullable=True))
    is_scheduled = sa.text("state = 'scheduled'")
    op.create_index(
        "ix_setting_scheduled",
        "setting",
        ["publish_at"],
        sqlite_where=is_scheduled,
        postgresql_where=is_scheduled,
    )
    _secure_links()


def _secure_links() -> None:
    """A link that is no longer allowed would make the tenant's settings unreadable."""
    connection = op.get_bind()
    brands = sa.select(_setting).where(_setting.c.section == "brand")
    for row in connection.execute(brands).all():
        kept = {
            name: value
            for name, value in row.document.items()
            if name not in _LINKS or str(value or "https:").startswith("https:")
        }
        if kept != row.document:
            connection.execute(
                sa.update(_setting)
                .where(_setting.c.tenant_id == row.tenant_id, _setting.c.id == row.id)
                .values(document=kept)
            )
