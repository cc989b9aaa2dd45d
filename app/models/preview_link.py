"""Who may look at a draft without an account."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.base import Base, Document, Moment, TenantOwned


class PreviewLink(TenantOwned, Base):
    """A link that was given away; the token in it is signed and names this row."""

    __tablename__ = "preview_link"
    __table_args__ = (Index("ix_preview_link_expires", "expires_at"),)

    subject: Mapped[str]
    """`tenant`, or the id of the organization or client whose look it shows."""
    revision: Mapped[int]
    """Of the look; 0 where nothing was ever saved."""
    document: Mapped[Document]
    """The look itself, so that the link shows the same whatever becomes of the draft."""
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
