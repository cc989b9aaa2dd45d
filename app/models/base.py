"""What every row has in common."""

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.extensions import metadata

Document = dict[str, Any]
Moment = Annotated[int, mapped_column(BigInteger)]
"""A point in time: milliseconds since the epoch, UTC (see `app.clock`)."""

SORTED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is looked up by how it begins: in the order of its code points, on every database."""


class Base(DeclarativeBase):
    """The declarative base; its tables live in the metadata that Flask-SQLAlchemy holds."""

    metadata = metadata
    type_annotation_map = {
        str: Text(),
        bytes: LargeBinary(),
        Document: JSON(),
        list[str]: JSON(),
        list[Document]: JSON(),
    }


class TenantOwned:
    """A row inside a tenant: its key starts with `tenant_id`, as does every key that names it."""

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[Moment]
