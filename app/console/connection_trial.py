"""A connection tried out, and what was wrong with the latest sign-ins by it."""

from flask import g
from werkzeug.wrappers import Response

from app.console.connection_frame import (
    OF_ORGANIZATION,
    OF_TENANT,
    connection_of,
    desk_of,
    place_of,
)
from app.console.connections import STATUSES
from app.console.door import Admin, blueprint, done, for_admin
from app.flow.screen import Text
from app.pages import leaving
from app.setup import trial

_TEST = "/<connection_id>/test"


@blueprint.get(f"{OF_TENANT}{_TEST}")
@blueprint.get(f"{OF_ORGANIZATION}{_TEST}")
@for_admin("connection.read")
def show_trial(admin: Admin, connection_id: str, organization_id: str | None = None) -> Response:
    """The button, and what arrived lately in tests and in sign-ins that failed."""
    desk = desk_of(admin, organization_id)
    found = connection_of(desk, connection_id)
    return desk.draw(
        "trial",
        title=Text("console.connections.one", {"name": found.name}),
        where=place_of(desk, connection_id),
        findings=trial.findings_at(admin.tenant, found),
        here_of_it=f"{desk.path}/{connection_id}",
        statuses=STATUSES,
    )


@blueprint.post(f"{OF_TENANT}{_TEST}")
@blueprint.post(f"{OF_ORGANIZATION}{_TEST}")
@for_admin("connection.test")
def begin_trial(admin: Admin, connection_id: str, organization_id: str | None = None) -> Response:
    """Off to the provider; where it cannot be asked, back to the page that says why."""
    desk = desk_of(admin, organization_id)
    found = connection_of(desk, connection_id)
    asked = trial.begin_as_admin(admin.tenant, admin.actor, found, g.locale)
    if asked is None:
        return done(admin, f"{desk.path}/{connection_id}/test")
    return leaving.to_provider(asked, found.name)
