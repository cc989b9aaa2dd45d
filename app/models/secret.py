"""Secrets of a tenant that AuthPage must use: passwords and keys of other services."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.models.base import Base, Moment, TenantOwned


class TenantSecret(TenantOwned, Base):
    """One secret, sealed, by its name, such as `sms.auth_token`."""

    __tablename__ = "tenant_secret"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: Mapped[str]
    sealed: Mapped[bytes]
    updated_at: Mapped[Moment]
