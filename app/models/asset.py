"""Uploaded pictures, re-encoded."""

from sqlalchemy.orm import Mapped

from app.models.base import Base, TenantOwned


class Asset(TenantOwned, Base):
    """A logo or icon as it is served; its id is the digest of its bytes."""

    __tablename__ = "asset"

    media_type: Mapped[str]
    content: Mapped[bytes]
