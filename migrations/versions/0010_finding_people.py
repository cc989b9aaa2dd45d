"""By what people are found in a long list, and whether somebody must choose another password."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.directory import names

revision = "0010"
down_revision = "0009"

_SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_BATCH = 1_000
_user = sa.table(
    "user",
    sa.column("tenant_id"),
    sa.column("id"),
    sa.column("display_name"),
    sa.column("name_key"),
    sa.column("family_key"),
)


def upgrade() -> None:
    op.add_column("user", sa.Column("name_key", _SORTED, nullable=True))
    op.add_column("user", sa.Column("family_key", _SORTED, nullable=True))
    op.add_column("user", sa.Column("new_password_required_at", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # Only the order of its index changes: no row is written anew.
        op.alter_column("identifier", "key", type_=sa.Text(collation="C"))
    _fill_keys(op.get_bind())
    op.create_index("ix_user_name", "user", ["tenant_id", "name_key"])
    op.create_index("ix_user_family_name", "user", ["tenant_id", "family_key"])
    op.create_index("ix_user_last_signed_in", "user", ["tenant_id", "last_signed_in_at", "id"])


def _fill_keys(connection: sa.Connection) -> None:
    """The keys of the names that are there already, in batches."""
    named = sa.select(_user.c.tenant_id, _user.c.id, _user.c.display_name).where(
        _user.c.display_name.is_not(None), _user.c.name_key.is_(None)
    )
    change = (
        _user.update()
        .where(_user.c.tenant_id == sa.bindparam("of"), _user.c.id == sa.bindparam("user_id"))
        .values(name_key=sa.bindparam("name_key"), family_key=sa.bindparam("family_key"))
    )
    rows = connection.execute(named).all()
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        connection.execute(change, [_keys(row) for row in batch])


def _keys(row: Any) -> dict[str, str | None]:
    return {
        "of": row.tenant_id,
        "user_id": row.id,
        "name_key": names.search_key(row.display_name),
        "family_key": names.family_key(row.display_name),
    }
