"""Who is at the other end of a request: the browser, by its two cookies, and the actor it makes.

The flow cookie is there before anybody signed in: it binds running flows and the CSRF token to one
browser. The session cookie names the browser's row and changes its value at every sign-in.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response as AnyResponse

from app import tenancy
from app.actor import Actor
from app.database import read
from app.directory import sessions, trusted_devices
from app.directory.sessions import SignedIn
from app.directory.tenants import Tenant
from app.security import keyring, random_token

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_BINDING = "binding"
_LINK = "link"


class FlowCookie(SecureCookieSessionInterface):
    """Flask's signed session cookie, named, scoped and salted for the tenant of the request."""

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie's name, with the prefix that its scope allows."""
        return cookie_name("authpage_flow")

    def get_cookie_path(self, app: Flask) -> str:
        """The tenant's base path."""
        return cookie_path(tenancy.current())

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the tenant is served over https."""
        return is_secure(tenancy.current())

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The cookie's content; empty when it is not ours, of another tenant, or sent twice.

        The first thing that Flask asks of a request, so the tenant is resolved here.
        """
        tenancy.resolve()
        if "tenant" not in g or _is_doubled(request, self.get_cookie_name(app)):
            return self.session_class()
        opened = super().open_session(app, request)
        if opened is None or opened.get("tenant") not in (None, tenancy.current().id):
            return self.session_class()
        return opened

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Set the cookie when it changed; there is none outside a tenant."""
        if "tenant" in g:
            super().save_session(app, session, response)


def cookie_name(name: str) -> str:
    """The name with `__Host-` at the root of an https host, `__Secure-` under a path there.

    Over http there is no prefix, but still a name of its own for the root: browsers send what is
    set there to every path too, where a tenant's own cookie would then seem to be doubled.
    """
    tenant = tenancy.current()
    is_root = cookie_path(tenant) == "/"
    if not is_secure(tenant):
        return f"{name}_root" if is_root else name
    return f"__Host-{name}" if is_root else f"__Secure-{name}"


def set_cookie(response: AnyResponse, name: str, value: str, max_age: int) -> None:
    """Have the browser keep a value for the current tenant, for so many seconds."""
    tenant = tenancy.current()
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        path=cookie_path(tenant),
        secure=is_secure(tenant),
        httponly=True,
        samesite="Lax",
    )


def delete_cookie(response: AnyResponse, name: str) -> None:
    """Have the browser forget what it keeps under that name for the current tenant."""
    tenant = tenancy.current()
    response.delete_cookie(
        cookie_name(name),
        path=cookie_path(tenant),
        secure=is_secure(tenant),
        httponly=True,
        samesite="Lax",
    )


def cookie_path(tenant: Tenant) -> str:
    """The path below which the tenant's cookies are sent."""
    return urlsplit(tenant.base_url).path or "/"


def is_secure(tenant: Tenant) -> bool:
    """Whether the tenant's base URL is https."""
    return tenant.base_url.startswith("https:")


def binding() -> str:
    """A keyed hash that names this browser to its flows; sets the flow cookie if it is missing."""
    if _BINDING not in session:
        session["tenant"] = tenancy.current().id
        session[_BINDING] = random_token()
    return keyring().hash("flow binding", tenancy.current().id, session[_BINDING])


def has_flow_cookie() -> bool:
    """Whether the browser sent a flow cookie that we believe."""
    return _BINDING in session


def is_bound(stored: str) -> bool:
    """Whether `stored` names this browser."""
    value = session.get(_BINDING, "")
    return bool(value) and keyring().matches(
        stored, "flow binding", tenancy.current().id, str(value)
    )


def keep_link(flow_id: str, token: str) -> None:
    """Keep the token of a mailed link in the flow cookie, so that it leaves the address."""
    session["tenant"] = tenancy.current().id
    session[_LINK] = {"flow": flow_id, "token": token}


def kept_link(flow_id: str) -> str:
    """The token that was kept for this flow; empty when there is none."""
    kept = session.get(_LINK) or {}
    return str(kept["token"]) if kept.get("flow") == flow_id else ""


def actor() -> Actor:
    """The person at the browser, not yet known by id, and from where."""
    return Actor(
        kind="user",
        address=request.remote_addr,
        user_agent=request.headers.get("User-Agent"),
        request_id=g.get("request_id"),
    )


def acting(user_id: str) -> Actor:
    """The person at the browser, known to be this user."""
    return replace(actor(), id=user_id)


def session_cookie() -> str | None:
    """The value of the session cookie; None when there is none, or two."""
    name = cookie_name("authpage_session")
    return None if _is_doubled(request, name) else request.cookies.get(name)


def own_cookie(name: str) -> str:
    """The value of a door's own cookie; empty when there is none, or two of which a sibling domain
    set one."""
    values = request.cookies.getlist(cookie_name(name))
    return values[0] if len(values) == 1 else ""


def signed_in() -> SignedIn | None:
    """The browser and who is signed in on it; None when it never signed in. Looked up once."""
    if "signed_in" not in g:
        value = session_cookie()
        g.signed_in = None
        if value:
            with read(tenancy.current().id) as database:
                g.signed_in = sessions.of_browser(database, tenancy.current(), value)
    found: SignedIn | None = g.signed_in
    return found


def is_known_device(user_id: str) -> bool:
    """Whether that user has signed in on this browser before.

    Looked up once a request: whoever asks again may be inside a transaction, and must not need a
    second connection there.
    """
    browser = signed_in()
    if browser is None:
        return False
    known: dict[str, bool] = g.setdefault("known_devices", {})
    if user_id not in known:
        with read(tenancy.current().id) as database:
            known[user_id] = sessions.has_signed_in(database, browser.browser_id, user_id)
    return known[user_id]


def is_trusted_device(user_id: str) -> bool:
    """Whether this browser is trusted not to need that user's second factor. Looked up once."""
    browser = signed_in()
    if browser is None:
        return False
    trusted: dict[str, bool] = g.setdefault("trusted_devices", {})
    if user_id not in trusted:
        tenant = tenancy.current()
        with read(tenant.id) as database:
            trusted[user_id] = trusted_devices.is_trusted(
                database, tenant, browser.browser_id, user_id
            )
    return trusted[user_id]


def remember(response: Response, cookie_value: str) -> None:
    """Set the session cookie to its new value."""
    lives = tenancy.current().settings.lifetimes.session_absolute
    set_cookie(response, "authpage_session", cookie_value, lives)


def forget_running_flows() -> None:
    """Give the browser a new binding, so that nothing begun before sign-out goes on."""
    session.clear()


def refuse_other_sites() -> None:
    """Answer 403 to an unsafe request that another site's page made (Fetch Metadata, Origin)."""
    if request.method not in _UNSAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = urlsplit(tenancy.current().base_url)
    if site not in (None, "same-origin", "none"):
        abort(403)
    if origin is not None and origin != f"{own.scheme}://{own.netloc}":
        abort(403)


def _is_doubled(incoming: Request, name: str) -> bool:
    """A sibling domain can add a cookie of the same name; then neither is believed."""
    return len(incoming.cookies.getlist(name)) > 1
