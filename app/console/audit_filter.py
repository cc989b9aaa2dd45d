"""The filter of the audit log, as a query has it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import request

from app import clock, support_codes
from app.audit.search import Sought

_LONGEST = 200
_NAMES = ("q", "event", "actor", "subject", "target", "code", "from", "to")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Filter:
    """What somebody wants to see. Days are ISO 8601, in UTC."""

    words: str = ""
    event: str = ""
    actor: str = ""
    subject: str = ""
    target: str = ""
    code: str = ""
    first_day: str = ""
    last_day: str = ""
    wrong: str | None = None
    """The text id of what is wrong with the days."""

    def query(self) -> dict[str, str]:
        """The filter as a query, without what is empty."""
        values = (
            self.words,
            self.event,
            self.actor,
            self.subject,
            self.target,
            self.code,
            self.first_day,
            self.last_day,
        )
        return {name: value for name, value in zip(_NAMES, values, strict=True) if value}

    def sought(self, people: tuple[str, ...] = ()) -> Sought:
        """What is to be looked for; `people` are those whom the words may mean."""
        until = _moment(self.last_day)
        return Sought(
            since=_moment(self.first_day),
            until=until + clock.DAY if until is not None else None,
            subject=self.subject,
            event=self.event,
            actor=self.actor,
            target=self.target,
            request=support_codes.ending(self.code) or self.code,
            words=self.words,
            people=people,
        )

    def days(self) -> int | None:
        """How many days it spans; None where it has no beginning."""
        since = _moment(self.first_day)
        until = _moment(self.last_day) or clock.now()
        return None if since is None else max(0, until - since) // clock.DAY + 1

    def since(self, days: int) -> "Filter":
        """The filter, which begins so many days before its end where it has no beginning."""
        if self.first_day:
            return self
        until = _moment(self.last_day) or clock.now()
        first = datetime.fromtimestamp(until / clock.SECOND, UTC) - (days - 1) * _DAY
        return replace(self, first_day=first.date().isoformat())


def of_request() -> Filter:
    """The filter of the request's query, or of its form."""
    values = request.form if request.method == "POST" else request.args
    given = [values.get(name, "").strip()[:_LONGEST] for name in _NAMES]
    made = Filter(*given)
    if any(each and _moment(each) is None for each in (made.first_day, made.last_day)):
        return replace(made, wrong="console.audit.day_wrong")
    if made.first_day and made.last_day and made.first_day > made.last_day:
        return replace(made, wrong="console.audit.days_turned")
    return made


def _moment(day: str) -> int | None:
    """When a day begins, in milliseconds."""
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1_000
    except ValueError:
        return None
