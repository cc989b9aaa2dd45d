"""Whether a tenant can send text messages, and what it lacks if not."""

from typing import Literal, Protocol

from app.changes import Cache
from app.config import settings
from app.database import read
from app.directory import secrets
from app.directory.settings import TenantSettings

Missing = Literal["account_sid", "sender", "auth_token"]


class SmsTenant(Protocol):
    """Whose text messages they are: a tenant snapshot."""

    @property
    def id(self) -> str:
        """The tenant's id."""

    @property
    def is_test(self) -> bool:
        """Whether it may fix or echo codes, so that none is sent."""

    @property
    def settings(self) -> TenantSettings:
        """The published settings."""


_has_token: Cache[Literal["yes", "no"]] = Cache("sms_auth_tokens", 4_096)
"""Words, as the cache does not remember what is not there."""


def is_ready(tenant: SmsTenant) -> bool:
    """Whether text messages can go out, or need not: a method that sends them is offered only then.

    Cached; opens its own transaction to look for the token.
    """
    return is_silent(tenant) or goes_to_mailbox(tenant) or not missing(tenant)


def missing(tenant: SmsTenant) -> tuple[Missing, ...]:
    """The parts of the tenant's Twilio that are not set, whether or not it can do without."""
    sms = tenant.settings.sms
    parts: tuple[tuple[Missing, bool], ...] = (
        ("account_sid", sms.account_sid is not None),
        ("sender", sms.sender is not None),
        ("auth_token", _has_token.get(tenant.id, lambda: _look(tenant.id)) == "yes"),
    )
    return tuple(name for name, is_there in parts if not is_there)


def is_silent(tenant: SmsTenant) -> bool:
    """Whether nothing is sent: in a test tenant whose codes are fixed or echoed."""
    codes = tenant.settings.codes
    return tenant.is_test and bool(codes.fixed or codes.echo)


def goes_to_mailbox(tenant: SmsTenant) -> bool:
    """Whether its messages stay in the mailbox, as mails do there: outside production, of a tenant
    without a Twilio account."""
    has_mailbox = not settings().is_production and not settings().smtp_url
    return has_mailbox and tenant.settings.sms.account_sid is None


def _look(tenant_id: str) -> Literal["yes", "no"]:
    with read(tenant_id) as session:
        return "yes" if secrets.OF_TWILIO in secrets.names(session) else "no"
