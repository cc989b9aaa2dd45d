"""What a tenant's overview shows: counts by day, how people are protected, how messages went.

Every statement reads a bounded number of rows by an index, however large the tenant is.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app import clock
from app.audit import counting, events
from app.database import Session, named, tenant_of

NEWEST = 5_000
"""People, or messages, that are looked at."""
MESSAGE_DAYS = 7

_HAS = """CASE WHEN EXISTS (
            SELECT 1 FROM credential c
            WHERE c.tenant_id = :tenant_id AND c.user_id = u.id AND c.kind IN ({kinds}))
          THEN 1 ELSE 0 END"""
_COVERAGE = named(
    f"""SELECT count(*) AS people, sum(second) AS with_second, sum(passkey) AS with_passkey
        FROM (SELECT {_HAS.format(kinds="'totp', 'passkey'")} AS second,
                     {_HAS.format(kinds="'passkey'")} AS passkey
              FROM "user" u WHERE u.tenant_id = :tenant_id AND u.status = 'active'
              ORDER BY u.id DESC LIMIT :limit) newest"""  # noqa: S608
)
_MESSAGES = named(
    """SELECT state, count(*) AS messages
       FROM (SELECT state FROM outbox_message
             WHERE tenant_id = :tenant_id AND created_at >= :since
             ORDER BY created_at DESC LIMIT :limit) newest
       GROUP BY state"""
)

Series = dict[str, tuple[int, ...]]
"""Name, such as a method -> a number for each day."""


@dataclass(frozen=True)
class Figures:
    """Counts of some days, the oldest first."""

    days: tuple[int, ...]
    """When each day begins, in milliseconds (UTC)."""
    sign_ins: Series
    """By the method that came first."""
    sign_ups: tuple[int, ...]
    failures: Series
    """Wrong or refused tries, by what was tried."""

    @property
    def totals(self) -> dict[str, int]:
        """Sign-ins, sign-ups and failures of all days together."""
        return {
            "sign_ins": sum(map(sum, self.sign_ins.values())),
            "sign_ups": sum(self.sign_ups),
            "failures": sum(map(sum, self.failures.values())),
        }


@dataclass(frozen=True)
class Coverage:
    """How many of the newest people have more than a password."""

    people: int
    with_second: int
    """Who have a passkey or an authenticator app."""
    with_passkey: int


def of_days(session: Session, days: int) -> Figures:
    """The counts of today and the days before it."""
    today = clock.now() - clock.now() % clock.DAY
    every = tuple(today - before * clock.DAY for before in reversed(range(days)))
    sign_ins: dict[str, dict[int, int]] = defaultdict(dict)
    failures: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    sign_ups: dict[int, int] = {}
    for each in counting.since(session, every[0]):
        if each.name.startswith(counting.SIGNED_IN):
            sign_ins[each.name.removeprefix(counting.SIGNED_IN)][each.at] = each.total
        elif each.name == events.USER_SIGNED_UP:
            sign_ups[each.at] = each.total
        elif each.name != events.OUTBOX_DEAD:
            failures[each.name.rpartition(".")[0]][each.at] += each.total
    return Figures(
        every,
        _series(sign_ins, every),
        tuple(sign_ups.get(at, 0) for at in every),
        _series(failures, every),
    )


def coverage(session: Session) -> Coverage:
    """How the newest people of the tenant can prove who they are."""
    values = {"tenant_id": tenant_of(session), "limit": NEWEST}
    row = session.execute(_COVERAGE, values).one()
    return Coverage(row.people, row.with_second or 0, row.with_passkey or 0)


def messages(session: Session) -> dict[str, int]:
    """State -> how many of the newest messages of a week are in it."""
    since = clock.now() - MESSAGE_DAYS * clock.DAY
    values = {"tenant_id": tenant_of(session), "since": since, "limit": NEWEST}
    return {row.state: row.messages for row in session.execute(_MESSAGES, values)}


def _series(found: Mapping[str, Mapping[int, int]], days: tuple[int, ...]) -> Series:
    """The largest first."""
    ordered = sorted(found, key=lambda name: (-sum(found[name].values()), name))
    return {name: tuple(found[name].get(at, 0) for at in days) for name in ordered}
