"""The test sign-in, and the connection doctor: what arrived, what was wrong, what to do."""

from collections.abc import Mapping

from werkzeug.wrappers import Response

from app import language, tenancy
from app.federation.request import Request
from app.pages import leaving, rendering
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import access, connecting, trial
from app.setup.access import Access

_PATH = "/connections/<connection_id>/test"


@blueprint.get(_PATH)
@for_access
def show_test(found: Access, connection_id: str) -> Response:
    """The button, and what came of earlier tests and of sign-ins that failed."""
    access.connection(found, connection_id)
    where = connecting.place(found, connection_id)
    return door.draw(
        found,
        "trial",
        "home",
        where=where,
        findings=trial.findings(found, connection_id),
    )


@blueprint.post(_PATH)
@for_access
def begin_test(found: Access, connection_id: str) -> Response:
    """Off to the provider."""
    asked = trial.begin(found, connection_id, language.current_locale())
    if asked is None:
        return door.done(f"/connections/{connection_id}/test")
    return to_provider(asked, connecting.place(found, connection_id).name, after_post=True)


def to_provider(asked: Request, name: str, *, after_post: bool) -> Response:
    """The way to the provider, as its protocol wants it."""
    if asked.form is None:
        return leaving.to_url(asked.url, after_post=after_post, name=name)
    return leaving.by_form(asked.url, asked.form, name)


def arrived(connection_id: str, answers: Mapping[str, str]) -> Response:
    """The provider's answer to a test: no flow, no session, only a report."""
    landed = trial.land(tenancy.current(), connection_id, answers, door.held_session())
    if landed is None:
        return rendering.error_page("fault.setup_test", 400)
    if landed.session.door == "pages":
        return leaving.to_path(f"/setup/connections/{landed.connection_id}/test")
    return rendering.page("setup/tested.html")
