"""Charts as numbers for an SVG: bars of one or several series, stacked, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 160
_GAP = 0.25
"""How much of a day's place is left free."""
_COLOURS = 6


@dataclass(frozen=True)
class Bar:
    """A rectangle of the drawing."""

    x: float
    y: float
    width: float
    height: float
    series: int
    """Which colour it has."""


@dataclass(frozen=True)
class Chart:
    """A drawing, and the same as a table."""

    bars: tuple[Bar, ...]
    names: tuple[str, ...]
    """Of the series, in the order of their colours."""
    rows: tuple[tuple[int, tuple[int, ...]], ...]
    """Each day with a number for each series."""
    most: int
    """Of one day."""
    total: int


def stacked(days: Sequence[int], series: Mapping[str, Sequence[int]]) -> Chart:
    """A bar for each day, made of a part for each series; beyond six series, the last colour is
    for all others together."""
    shown = _joined(series)
    sums = [sum(values) for values in zip(*shown.values(), strict=True)] or [0] * len(days)
    most = max(sums, default=0)
    place = WIDTH / max(len(days), 1)
    bars = []
    for day in range(len(days)):
        y = float(HEIGHT)
        for number, values in enumerate(shown.values()):
            height = HEIGHT * values[day] / most if most else 0.0
            y -= height
            if height:
                x = place * (day + _GAP / 2)
                bars.append(
                    Bar(
                        round(x, 2),
                        round(y, 2),
                        round(place * (1 - _GAP), 2),
                        round(height, 2),
                        number,
                    )
                )
    rows = tuple((at, tuple(v[n] for v in shown.values())) for n, at in enumerate(days))
    return Chart(tuple(bars), tuple(shown), rows, most, sum(sums))


def _joined(series: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
    names = list(series)
    if len(names) <= _COLOURS:
        return dict(series)
    kept = {name: series[name] for name in names[: _COLOURS - 1]}
    rest = [series[name] for name in names[_COLOURS - 1 :]]
    return {**kept, "other": [sum(values) for values in zip(*rest, strict=True)]}
