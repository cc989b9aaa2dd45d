"""Who makes this request: the session that its cookie names, and the person in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g, request
from werkzeug.local import LocalProxy

from authpage.errors import LoginRequired, ProviderUnavailable
from authpage.sessions import Session, session_key

if TYPE_CHECKING:
    from authpage.flask.extension import AuthPage

SESSION_COOKIE = "session"


@dataclass(frozen=True)
class Organization:
    """An organization that the person may switch to."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True)
class User:
    """The person of the session. Nobody, when there is no session: then there are no claims."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is signed in."""
        return bool(self.claims)

    @property
    def id(self) -> str | None:
        """The `sub` claim: never changes, never given to another person."""
        return self.claims.get("sub")

    @property
    def email(self) -> str | None:
        """The email address, if it was asked for. It may change; `id` does not."""
        return self.claims.get("email")

    @property
    def name(self) -> str:
        """The best name there is to show, or "" for nobody."""
        names = (self.claims.get(claim) for claim in ("name", "preferred_username", "email", "sub"))
        return next((name for name in names if isinstance(name, str) and name), "")

    @property
    def org_id(self) -> str | None:
        """The organization that the person signed in to, or None."""
        return self.claims.get("org_id")

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """Where the person was a member at sign-in; empty unless the app has the scope
        `organizations`. To show and to choose from, never to decide what somebody may do."""
        listed = self.claims.get("organizations")
        entries = listed if isinstance(listed, list) else []
        return tuple(
            Organization(str(entry["id"]), str(entry["slug"]), str(entry["name"]))
            for entry in entries
            if isinstance(entry, dict) and {"id", "slug", "name"} <= entry.keys()
        )

    @property
    def org_name(self) -> str | None:
        """The name of that organization, if it is known, else its id."""
        names = {each.id: each.name for each in self.organizations}
        return names.get(self.org_id or "", self.org_id)

    @property
    def roles(self) -> frozenset[str]:
        """The person's roles in that organization."""
        roles = self.claims.get("roles")
        return frozenset(map(str, roles)) if isinstance(roles, list) else frozenset()


@dataclass(frozen=True)
class CurrentSession:
    """A session and its key in the store."""

    key: str
    session: Session


def current_authpage() -> "AuthPage":
    """The extension of the running app."""
    return cast("AuthPage", current_app.extensions["authpage"])


def keep_private() -> None:
    """Mark the response as one for this browser alone: no cache may store it."""
    g.authpage_is_private = True


def current_session() -> CurrentSession | None:
    """The session that this request's cookie names, or None. Read from the store once."""
    if "authpage_session" not in g:
        keep_private()
        g.authpage_session = _load()
    return cast("CurrentSession | None", g.authpage_session)


def require_session() -> Session:
    """The session, with tokens that have not run out.

    While AuthPage is away, a session goes on with what it knows. Raises LoginRequired when there
    is none, or it was ended at AuthPage.
    """
    current = _required_session()
    try:
        return _renewed(current, current_authpage().refresher.fresh)
    except ProviderUnavailable:
        return current.session


def access_token() -> str:
    """An access token of the person, good for half a minute or more when it can be refreshed.

    Raises LoginRequired when the session is over, ProviderUnavailable when the token has run out
    and AuthPage does not answer.
    """
    session = _renewed(_required_session(), current_authpage().refresher.fresh)
    return session.tokens.access_token


def refresh_session(organization: str | None = None) -> Session:
    """Refresh now: claims and roles become current. With an organization, switch to it.

    Raises LoginRequired, OAuthError (not a member), InvalidToken, ProviderUnavailable.
    """
    refresh = partial(current_authpage().refresher.refresh, organization=organization)
    return _renewed(_required_session(), refresh)


def _required_session() -> CurrentSession:
    current = current_session()
    if current is None:
        raise LoginRequired("nobody is signed in")
    return current


def _renewed(current: CurrentSession, renew: Callable[[str, Session], Session]) -> Session:
    """What the rest of this request sees is the renewed session, or none if it is over."""
    try:
        session = renew(current.key, current.session)
    except LoginRequired:
        g.authpage_session = None
        raise
    g.authpage_session = CurrentSession(current.key, session)
    return session


def _load() -> CurrentSession | None:
    authpage = current_authpage()
    key = session_key(authpage.cookies.read(request, SESSION_COOKIE) or "")
    session = authpage.store.load(key) if key else None
    return CurrentSession(key, session) if key and session else None


def _user() -> User:
    current = current_session()
    if current is None:
        return User()
    session = current.session
    return User(session.claims, frozenset(session.tokens.scope.split()))


current_user = cast(User, LocalProxy(_user))
"""The person who makes this request."""
