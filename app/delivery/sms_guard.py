"""Guards a tenant's money against scripts that have codes sent to numbers they are paid for.

Asked before a code is made: may a text message go to this number now? Countries, a cap for the
day, and a breaker for each prefix whose codes nobody types in. (SECURITY row O13)
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from app import clock
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import Session, read, tenant_of, write
from app.delivery import sms_statements as statements
from app.delivery.sms_readiness import SmsTenant, is_ready
from app.metrics import SMS_PREFIXES_BLOCKED, SMS_REFUSED
from app.phones import NO_REGION, parse_phone

Refusal = Literal["not_ready", "country", "premium", "blocked", "full"]
"""Why no message goes to a number now: the tenant's Twilio is not set up, the country is not
served, messages to such numbers earn their owner money, the codes of such numbers do not come back,
the tenant's day is full."""

PREFIX_DIGITS = 7
LEAST_SENT = 20
"""Messages to a prefix before its conversion says anything."""
WINDOW = clock.HOUR
"""Over which conversion is counted."""
BLOCKED_FOR = clock.HOUR
"""At least as long as the window, so that a prefix starts anew after its block."""

_SPREAD, _NO_END = 97, 2**31 - 1
"""Over so many counters those who are nobody are spread, so that they do not wait in line."""

_log = structlog.stdlib.get_logger(__name__)


class _Full(Exception):
    """The day is full; what was counted for the prefix is taken back."""


@dataclass(frozen=True)
class BlockedPrefix:
    """A prefix that no messages go to for now, and the figures that blocked it."""

    prefix: str
    sent: int
    converted: int
    blocked_until: int


def allow(tenant: SmsTenant, number: str, *, will_send: bool = True) -> Refusal | None:
    """None when one message may go to `number` (E.164) now, which is counted and committed: of any
    number of parallel messages no more pass than the tenant pays for on a day.

    With `will_send` false nothing is counted: for numbers that belong to nobody, so that the answer
    is the same for them, and takes as long. Opens its own transaction. Raises `BadPhone`.
    """
    refusal = _refusal(tenant, number, will_send=will_send)
    if refusal is None and not will_send:
        pretend(tenant)
    if refusal is not None:
        SMS_REFUSED.labels(refusal).inc()
    return refusal


def pretend(tenant: SmsTenant) -> None:
    """Commit as `allow` does, to no effect: a commit is what takes long, and whoever asks in the
    name of nobody must not see that there was none. Opens its own transaction."""
    key = f"sms.nobody:{clock.now() % _SPREAD}"
    with write(tenant.id) as session:
        session.execute(statements.CLAIM_DAY, _day_values(tenant, key, most=_NO_END))


def allow_again(tenant: SmsTenant) -> bool:
    """Whether the day has room to send once more what may have gone out already; counted.

    Opens its own transaction.
    """
    with write(tenant.id) as session:
        return _claim_day(session, tenant)


def text_of(refusal: Refusal) -> str:
    """The id of the sentence that people are told; of tenants' limits they learn nothing."""
    return "error.sms_country" if refusal == "country" else "error.sms_unavailable"


def note_converted(session: Session, tenant: SmsTenant, number: str) -> None:
    """The code that went to `number` was typed in, in the caller's transaction."""
    session.execute(statements.CONVERT, _prefix_values(tenant, number))


def sent_today(session: Session) -> int:
    """The messages that the tenant has paid for since midnight UTC."""
    key = {"tenant_id": tenant_of(session), "key": _day_key()}
    return session.execute(statements.DAY, key).scalar() or 0


def blocked_prefixes(session: Session) -> list[BlockedPrefix]:
    """The prefixes that are blocked now."""
    key = {"tenant_id": tenant_of(session), "now": clock.now()}
    return [BlockedPrefix(*row) for row in session.execute(statements.BLOCKED, key)]


def _refusal(tenant: SmsTenant, number: str, *, will_send: bool) -> Refusal | None:
    if not is_ready(tenant):
        return "not_ready"
    phone = parse_phone(number, NO_REGION)
    if not _is_served(tenant, phone.country):
        return "country"
    if phone.is_premium:
        return "premium"
    if not will_send:
        return _looked_up(tenant, number)
    try:
        with write(tenant.id) as session:
            return _claimed(session, tenant, number)
    except _Full:
        return "full"


def _claimed(session: Session, tenant: SmsTenant, number: str) -> Refusal | None:
    if not _claim_prefix(session, tenant, number):
        return "blocked"
    if not _claim_day(session, tenant):
        raise _Full
    return None


def _is_served(tenant: SmsTenant, country: str) -> bool:
    sms = tenant.settings.sms
    if country in sms.deny_countries:
        return False
    return not sms.allow_countries or country in sms.allow_countries


def _looked_up(tenant: SmsTenant, number: str) -> Refusal | None:
    with read(tenant.id) as session:
        if session.execute(statements.IS_CLOSED, _prefix_values(tenant, number)).first():
            return "blocked"
        return "full" if sent_today(session) >= tenant.settings.sms.most_a_day else None


def _claim_prefix(session: Session, tenant: SmsTenant, number: str) -> bool:
    values = _prefix_values(tenant, number)
    tripped = session.execute(statements.TRIP, values).first()
    if tripped is not None:
        _alert(session, values["id"], tripped.sent, tripped.converted)
        return False
    return session.execute(statements.CLAIM_PREFIX, values).first() is not None


def _claim_day(session: Session, tenant: SmsTenant) -> bool:
    most = tenant.settings.sms.most_a_day
    values = _day_values(tenant, _day_key(), most=most)
    count = session.execute(statements.CLAIM_DAY, values).scalar() if most else None
    if count == most:
        record(session, events.SMS_DAY_FULL, SYSTEM, data={"sent": most})
        _log.warning("sms_day_full", tenant_id=tenant.id, sent=most)
    return count is not None


def _day_values(tenant: SmsTenant, key: str, *, most: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "tenant_id": tenant.id,
        "key": key,
        "now": now,
        "until": now + clock.DAY,
        "most": most,
    }


def _alert(session: Session, prefix: str, sent: int, converted: int) -> None:
    data = {"prefix": prefix, "sent": sent, "converted": converted}
    record(session, events.SMS_PREFIX_BLOCKED, SYSTEM, data=data)
    SMS_PREFIXES_BLOCKED.inc()
    _log.warning("sms_prefix_blocked", tenant_id=tenant_of(session), sent=sent, converted=converted)


def _prefix_values(tenant: SmsTenant, number: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "tenant_id": tenant.id,
        "id": number[: 1 + PREFIX_DIGITS],
        "now": now,
        "until": now + BLOCKED_FOR,
        "window_began": now - WINDOW,
        "least_sent": LEAST_SENT,
        "least_conversion": tenant.settings.sms.least_conversion,
    }


def _day_key() -> str:
    return f"sms.day:{datetime.fromtimestamp(clock.now() / clock.SECOND, UTC):%Y-%m-%d}"
