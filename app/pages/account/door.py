"""The door of the portal: who comes in, and what they are asked before a sensitive change."""

from collections.abc import Callable
from functools import wraps
from typing import Literal
from urllib.parse import urlencode

from flask import Blueprint, request, session
from werkzeug.wrappers import Response

from app import clock, language, tenancy, visitor
from app.account.owner import Owner
from app.account.refused import NotRecent
from app.database import write
from app.directory import sessions
from app.directory.errors import NotFound
from app.directory.sessions import LiveSession
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.pages import rendering, start

blueprint = Blueprint("account", __name__, url_prefix="/account")
blueprint.before_request(visitor.refuse_other_sites)

_CHOICE = "account"
_KEPT = ("email", "phone", "username", "name", "label", "organization", "id")
"""Fields that go along when somebody has to sign in again on the way; none of them is a secret."""
_LONGEST_KEPT = 300

View = Callable[..., Response]


def for_owner(back: str = "") -> Callable[[Callable[..., Response]], View]:
    """Gives a view its `Owner`, and asks whoever is not signed in, or not lately enough, to do that
    first. From there they come back to the same page, or to `back` where an action has none."""

    def decorate(view: Callable[..., Response]) -> View:
        @wraps(view)
        def guarded(**given: str) -> Response:
            here = f"/account{back}" if back and request.method == "POST" else _here()
            live = current()
            if live is None:
                return start.begin(_way_in(), Account(path=here), Asked())
            try:
                return view(owner_of(live), **given)
            except NotRecent as missing:
                return _prove_again(live, missing, here)
            except NotFound:
                return rendering.error_page("fault.not_found", 404)

        return guarded

    return decorate


def current() -> LiveSession | None:
    """The session that the pages act for: of the account that was chosen here, unless somebody
    signed in since; else the newest. None when nobody is signed in. Notes that it is in use."""
    found = signed_in()
    if not found:
        return None
    chosen = session.get(_CHOICE) or {}
    live = found[0]
    for each in found:
        if each.user_id == chosen.get("user") and live.auth_time <= chosen.get("at", 0):
            live = each
    if live.needs_touch:
        with write(tenancy.current().id) as database:
            sessions.touch(database, visitor.acting(live.user_id), tenancy.current(), live)
    return live


def signed_in() -> tuple[LiveSession, ...]:
    """Everybody who is signed in on this browser, the newest sign-in first."""
    browser = visitor.signed_in()
    return browser.sessions if browser else ()


def choose(session_id: str) -> None:
    """Let the pages act for this session's account from now on; raises `NotFound`."""
    for live in signed_in():
        if live.id == session_id:
            session[_CHOICE] = {"user": live.user_id, "at": clock.now()}
            return
    raise NotFound("session")


def owner_of(live: LiveSession) -> Owner:
    """The person of a live session, at this door."""
    return Owner(
        tenant=tenancy.current(),
        actor=visitor.acting(live.user_id),
        user_id=live.user_id,
        session_id=live.id,
        auth_time=live.auth_time,
        acr=live.acr,
        locale=language.current_locale(),
    )


def _way_in() -> Literal["sign_in", "sign_up"]:
    """An anonymous user has no account to look at yet, and is asked to sign up."""
    browser = visitor.signed_in()
    return "sign_up" if browser and browser.anonymous else "sign_in"


def _prove_again(live: LiveSession, missing: NotRecent, here: str) -> Response:
    """A step-up flow that leads back here (RFC 9470 asks the same of an app)."""
    asked = Asked(
        fresh_after=clock.now() - missing.max_age * clock.SECOND,
        acr=missing.acr,
        essential_acr=bool(missing.acr),
        subject=live.user_id,
    )
    return start.begin("step_up", Account(path=here), asked, live)


def _here() -> str:
    """This page's path below the tenant's base URL, with what was typed so far and is no secret."""
    given = {**request.args, **request.form}
    kept = {
        name: given[name][:_LONGEST_KEPT]
        for name in _KEPT
        if given.get(name) and given[name].isprintable()
    }
    return f"{request.path}{'?' if kept else ''}{urlencode(kept)}"
