"""Times on the command line."""

import re
from datetime import UTC, datetime
from typing import Any

import click

from app import clock

_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": clock.SECOND, "m": clock.MINUTE, "h": clock.HOUR, "d": clock.DAY}


class Moment(click.ParamType[int]):
    """A time in ISO 8601, or how long ago, such as 30m or 7d."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milliseconds since the epoch; a time without an offset is UTC."""
        ago = _AGO.fullmatch(str(value))
        if ago:
            return clock.now() - int(ago[1]) * _UNITS[ago[2]]
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("is neither a time such as 2026-01-31T12:00Z nor 30m, 12h or 7d.", param, ctx)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


class Duration(click.ParamType[int]):
    """How long, such as 30m, 12h or 7d."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds."""
        long = _AGO.fullmatch(str(value))
        if long is None:
            self.fail("is not a length of time such as 30m, 12h or 7d.", param, ctx)
        return int(long[1]) * _UNITS[long[2]] // clock.SECOND
