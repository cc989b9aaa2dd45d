"""The door of the setup portal: whoever opened a link comes in by a cookie of its own, and whoever
is signed in as a user here is nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, get_flashed_messages, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.account.refused import Refused
from app.directory import setup_access
from app.directory.errors import NotFound
from app.flow.screen import Message, Screen, Text
from app.pages import leaving, rendering
from app.setup import access
from app.setup.access import Access

blueprint = Blueprint("setup", __name__, url_prefix="/setup")
blueprint.before_request(visitor.refuse_other_sites)

_COOKIE = "authpage_setup"
_STEPS = {
    "provider": ("setup.nav_provider", "setup.next_provider"),
    "domains": ("setup.nav_domains", "setup.next_domains"),
    "test": ("setup.nav_test", "setup.next_test"),
    "policy": ("setup.nav_policy", "setup.next_policy"),
}
"""Each step with its name in the navigation, and on the button that leads there."""
View = Callable[..., Response]


def for_access(view: Callable[..., Response]) -> View:
    """Gives a view its `Access`; whoever has none is told to open a link."""

    @wraps(view)
    def guarded(**given: str) -> Response:
        found = current()
        if found is None:
            return rendering.error_page("fault.setup_session", 403)
        try:
            return view(found, **given)
        except NotFound:
            home = url_for("setup.home")
            label = "setup.nav_home"
            return rendering.error_page("fault.not_found", 404, next_url=home, next_label=label)

    return guarded


def current() -> Access | None:
    """Who holds the setup session of this browser; None when it has none."""
    return access.of(tenancy.current(), visitor.actor(), visitor.own_cookie(_COOKIE), "pages")


def held_session() -> str | None:
    """The id of the setup session of this browser."""
    found = setup_access.find_session(tenancy.current(), visitor.own_cookie(_COOKIE), "pages")
    return found.id if found else None


def remember(response: Response, value: str) -> None:
    """Give this browser the session."""
    visitor.set_cookie(response, _COOKIE, value, setup_access.SESSION_LIVES)


def forget(response: Response) -> None:
    """Take the cookie away again."""
    visitor.delete_cookie(response, _COOKIE)


def draw(
    found: Access,
    template: str,
    section: str,
    *,
    title: Text | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page of the portal; `section` is its place in the navigation. `title` names the window, or
    else the template does; where something is wrong, it says so."""
    named = title or Text(f"setup.{template}.title")
    words = rendering.translate(named.id, **named.values)
    return rendering.page(
        f"setup/{template}.html",
        title=words if status == 200 else rendering.translate("page.error_title", title=words),
        status=status,
        section=section,
        organization=found.organization,
        until=found.session.expires_at,
        progress=found.progress,
        steps=_STEPS,
        told=next(iter(get_flashed_messages()), None),
        path_of=lambda step: path_of(step, found.progress.connection_id),
        skip_text="page.skip_to_content",
        **context,
    )


def path_of(step: str, connection_id: str | None) -> str:
    """Where a step is taken, below the portal."""
    of = f"/connections/{connection_id}" if connection_id else "/providers"
    return {"provider": of, "test": f"{of}/test" if connection_id else of}.get(step, f"/{step}")


def done(path: str, text_id: str | None = None) -> Response:
    """On to a page of the portal, which says once that it was done."""
    if text_id:
        flash(text_id)
    return leaving.to_path(f"/setup{path}")


def form_context(screen: Screen) -> dict[str, Any]:
    """What a form needs to know of its screen. Only a wrong field takes the focus: there is more to
    read above the form."""
    context = rendering.form_context(screen)
    return context if any(each.error for each in screen.fields) else context | {"focus": None}


def refused(screen: Screen, refusal: Refused, typed: dict[str, str]) -> Screen:
    """The form with what was wrong at its field, and what was typed kept, secrets excepted."""
    is_field = any(field.name == refusal.field for field in screen.fields)
    errors: dict[str, Text] = {refusal.field: refusal.text} if is_field and refusal.field else {}
    again = screen.with_errors(errors, typed)
    return again if errors else again.saying(Message(refusal.text.id, refusal.text.values))
