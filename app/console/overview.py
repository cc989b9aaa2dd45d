"""How a tenant is doing: sign-ins, sign-ups and failures by day, protection, messages."""

from flask import request
from werkzeug.wrappers import Response

from app import text
from app.console import chart, posture
from app.console.door import Admin, blueprint, draw, for_admin
from app.database import read
from app.directory import figures
from app.directory.figures import Series
from app.pages import rendering

PERIODS = (7, 30, 90)
"""Days to choose from."""
_STATES = ("sent", "queued", "dead", "expired")


@blueprint.get("/<tenant_slug>/overview")
@for_admin("overview.read")
def overview(admin: Admin) -> Response:
    """The figures of `?days=`, and the first of what is weak."""
    days = request.args.get("days", type=int)
    days = days if days in PERIODS else PERIODS[0]
    with read(admin.tenant.id) as session:
        found = figures.of_days(session, days)
        coverage, messages = figures.coverage(session), figures.messages(session)
    return draw(
        admin,
        "overview/page",
        section="overview",
        days=days,
        periods=PERIODS,
        totals=found.totals,
        charts=(
            ("sign_ins", chart.stacked(found.days, _named(found.sign_ins))),
            ("sign_ups", chart.stacked(found.days, {_word("sign_ups"): found.sign_ups})),
            ("failures", chart.stacked(found.days, _named(found.failures))),
        ),
        width=chart.WIDTH,
        height=chart.HEIGHT,
        coverage=coverage,
        newest=figures.NEWEST,
        messages=[(each, messages.get(each, 0)) for each in _STATES],
        weak=posture.of(admin)[:3],
    )


def _named(series: Series) -> Series:
    return {_word(name): values for name, values in series.items()}


def _word(name: str) -> str:
    """What a method, or what else was tried, is called; its own key where it has no name."""
    text_id = f"console.overview.of.{name}"
    return rendering.translate(text_id) if text.has_text(text_id) else name
