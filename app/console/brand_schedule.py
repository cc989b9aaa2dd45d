"""When a draft of a look publishes itself."""

from datetime import UTC, datetime

from flask import request
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField

from app import clock
from app.console.brand_place import BRAND, Look, Place, at_every_level, look_at
from app.console.branding import draw_at
from app.console.door import Admin, done
from app.console.form import Form, Needed
from app.database import write
from app.directory import drafts
from app.directory.errors import Refused

_WRITTEN = "%Y-%m-%dT%H:%M"


class ScheduleForm(Form):
    """A moment, in UTC."""

    at = DateTimeLocalField(
        "console.branding.publish_at",
        format=[_WRITTEN],
        validators=[Needed()],
        description="console.branding.publish_at_hint",
    )


@at_every_level("/schedule", methods=("GET", "POST"))
def schedule_brand(admin: Admin, place: Place) -> Response:
    """Choose the moment, or another one."""
    look = look_at(admin, place)
    form = ScheduleForm(request.form)
    if request.method == "POST" and form.validate() and _is_scheduled(admin, look, form):
        return done(admin, f"{place.path}/schedule", "console.branding.scheduled")
    status = 422 if request.method == "POST" else 200
    return draw_at(admin, look, "schedule", "/schedule", status=status, form=form)


@at_every_level("/unschedule", permission="brand.draft", methods=("POST",))
def unschedule_brand(admin: Admin, place: Place) -> Response:
    """Make a draft again of what waits."""
    with write(admin.tenant.id) as session:
        drafts.unschedule(session, admin.actor, BRAND, place.subject)
    return done(admin, f"{place.path}/schedule", "console.branding.unscheduled")


def _is_scheduled(admin: Admin, look: Look, form: ScheduleForm) -> bool:
    moment = form.at.data
    assert isinstance(moment, datetime)
    at = int(moment.replace(tzinfo=UTC).timestamp()) * clock.SECOND
    try:
        with write(admin.tenant.id) as session:
            drafts.schedule(session, admin.actor, BRAND, at, look.place.subject)
    except Refused as refusal:
        form.refuse_as(refusal)
        return False
    return True
