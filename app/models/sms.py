"""What is known of the numbers that messages go to."""

from sqlalchemy.orm import Mapped

from app.models.base import Base, Moment, TenantOwned


class SmsPrefix(TenantOwned, Base):
    """How many codes sent to numbers of one prefix (the row's id) were typed in again."""

    __tablename__ = "sms_prefix"

    sent: Mapped[int]
    converted: Mapped[int]
    started_at: Mapped[Moment]
    blocked_until: Mapped[Moment]
