"""The test sign-in, and the connection doctor: what arrived, what was wrong, what to do."""

from collections.abc import Mapping

from flask import request
from werkzeug.wrappers import Response

from app import language, tenancy
from app.account.refused import Refused
from app.federation.request import Request
from app.flow.screen import Message
from app.pages import leaving, rendering
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import access, connecting, trial
from app.setup.access import Access

_OF = "/connections/<connection_id>"
_PATH = f"{_OF}/test"
_TOLD = {"active": "setup.told_active", "disabled": "setup.told_disabled"}


@blueprint.get(_PATH)
@for_access
def show_test(found: Access, connection_id: str) -> Response:
    """The button, and what came of earlier tests and of sign-ins that failed."""
    return _page(found, connection_id)


@blueprint.post(_PATH)
@for_access
def begin_test(found: Access, connection_id: str) -> Response:
    """Off to the provider."""
    asked = trial.begin(found, connection_id, language.current_locale())
    if asked is None:
        return door.done(f"/connections/{connection_id}/test")
    return to_provider(asked, connecting.place(found, connection_id).name, after_post=True)


@blueprint.route(f"{_OF}/status", methods=["GET", "POST"])
@for_access
def set_status(found: Access, connection_id: str) -> Response:
    """Let people sign in by it, or no more. Whoever changes the language of a page that refuses it
    asks for its address, and is led back to the test."""
    if request.method != "POST":
        access.connection(found, connection_id)
        return leaving.to_path(f"/setup/connections/{connection_id}/test")
    status = typed().get("status", "")
    try:
        connecting.set_status(found, connection_id, status)
    except Refused as refusal:
        return _page(found, connection_id, refusal)
    return door.done("/home", _TOLD[status])


def _page(found: Access, connection_id: str, refusal: Refused | None = None) -> Response:
    access.connection(found, connection_id)
    return door.draw(
        found,
        "trial",
        "test",
        status=422 if refusal else 200,
        where=connecting.place(found, connection_id),
        findings=trial.findings(found, connection_id),
        message=Message(refusal.text.id, refusal.text.values) if refusal else None,
    )


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
