"""The door of the console: who comes in, at which tenant, and what they may see there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    get_flashed_messages,
    redirect,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app import clock, tenancy, text, visitor
from app.actor import Actor
from app.branding import brand_of, sheet
from app.console import form, navigation, sign_in
from app.directory import admins, console, console_sessions, permissions, tenants
from app.directory.admins import Standing
from app.directory.console_sessions import ConsoleSession
from app.directory.errors import NotFound, OwnedByFile, StaleRow
from app.directory.idempotency import InProgress, KeyReused
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.pages import leaving, rendering

blueprint = Blueprint("console", __name__, url_prefix="/console")
blueprint.before_request(visitor.refuse_other_sites)

FRESH = 15 * 60
"""Seconds for which a sign-in is fresh enough for secrets, keys, admins, connections, deletion and
exports."""
PERMISSION_OF: dict[str, str | None] = {}
"""Endpoint -> what it takes to see it; every page about a tenant is in it."""

_COOKIE = "authpage_console"
View = Callable[..., Response]


@dataclass(frozen=True)
class Admin:
    """Somebody at the console, and the tenant that they work on."""

    tenant: Tenant
    """The administered tenant: a snapshot with its published settings."""
    actor: Actor
    user_id: str
    email: str
    auth_time: int
    """When they last proved who they are (milliseconds)."""

    def may(self, permission: str) -> bool:
        """Whether the page or act is theirs, at the organization of the page if it is about one."""
        try:
            demand(self.actor, permission)
        except Forbidden:
            return False
        return True

    @property
    def organization_id(self) -> str | None:
        """The only organization that they see; None for whoever sees the tenant."""
        return self.actor.organization_id

    @property
    def base(self) -> str:
        """Where this tenant's pages of the console begin, below the console's base URL."""
        return f"{console.HOME}/{self.tenant.slug}"


@blueprint.before_request
def only_in_its_tenant() -> Response | None:
    """The console answers in its own tenant alone, where `/console` of the base host leads; and it
    speaks English so far."""
    here = console.find()
    if here is None:
        abort(404)
    if here.id != tenancy.current().id:
        if tenancy.current().is_default and request.path == console.HOME:
            return redirect(f"{here.base_url}{console.HOME}", 303)
        abort(404)
    g.locale = text.SOURCE
    return None


def for_session(view: View) -> View:
    """Gives a view the `ConsoleSession` of whoever is signed in; asks others to do that first."""

    @wraps(view)
    def guarded(**given: str) -> Response:
        found = current()
        return sign_in.begin(_here()) if found is None else view(found, **given)

    return guarded


def for_admin(permission: str | None, *, fresh: bool | str = False) -> Callable[[View], View]:
    """Gives a view its `Admin` in place of the `tenant_slug` of its address, where they have
    `permission`; None: whoever has any role there. With `fresh`, whoever signed in long ago is
    asked to do that again; where `fresh` names a permission, only those who have it.

    What the directory refuses to everybody becomes a page here: 404, 403, or 409.
    """

    def decorate(view: View) -> View:
        PERMISSION_OF[f"{blueprint.name}.{view.__name__}"] = permission

        @wraps(view)
        def guarded(tenant_slug: str, **given: str) -> Response:
            found = current()
            if found is None:
                return sign_in.begin(_here())
            admin = _at(found, tenant_slug)
            if admin is None:
                return _missing(None)
            return _served(admin, permission, view, given, fresh=fresh)

        return guarded

    return decorate


def demand(actor: Actor, permission: str) -> None:
    """Raise `Forbidden` unless the actor has the permission here: a delegated admin has it where
    the address names their own organization."""
    about = (request.view_args or {}).get("organization_id")
    permissions.demand(actor, permission, organization_id=about)


def current() -> ConsoleSession | None:
    """Who holds the console session of this browser; looked up once a request."""
    if "console_session" not in g:
        value = visitor.own_cookie(_COOKIE)
        g.console_session = console_sessions.find(tenancy.current(), value) if value else None
    found: ConsoleSession | None = g.console_session
    return found


def draw(
    admin: Admin,
    template: str,
    *,
    section: str,
    title: Text | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page about the tenant; `section` is its place in the navigation. `title` names the window,
    or else the text `console.<template>.title` does; where something is wrong, it says so."""
    named = title or Text(f"console.{template.replace('/', '.')}.title")
    words = rendering.translate(named.id, **named.values)
    return rendering.page(
        f"console/{template}.html",
        title=words if status == 200 else rendering.translate("page.error_title", title=words),
        status=status,
        admin=admin,
        tenant_name=admin.tenant.settings.brand.name or admin.tenant.name,
        section=section,
        navigation=navigation.of(admin.may, admin.organization_id),
        base=f"{request.script_root}{admin.base}",
        told=next(iter(get_flashed_messages()), None),
        **frame(),
        **context,
    )


def frame() -> dict[str, Any]:
    """What every page of the console needs: its own style and script, and what draws its forms."""
    style = sheet.console_stylesheet(brand_of(tenancy.current()))
    return {
        "style_url": url_for("console.stylesheet", digest=style.digest),
        "script_url": url_for("console.script", digest=sheet.console_script().digest),
        "skip_text": "page.skip_to_content",
        "attributes": form.attributes,
        "described": form.described,
        "is_fixed": form.is_fixed,
        "told_as": lambda sentence: form.told_as(sentence, rendering.translate),
        "choice_text": lambda label: form.told_as(str(label), rendering.translate),
    }


def done(admin: Admin, path: str, text_id: str | None = None) -> Response:
    """On to a page of this tenant (its path behind the slug), which says once that it was done."""
    if text_id:
        flash(text_id)
    return leaving.to_path(f"{admin.base}{path}")


def confirm(
    admin: Admin,
    section: str,
    about: Text,
    *,
    back: str,
    danger: bool = True,
    fields: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The page that asks once before something is done: it says `<about>.title` and `.body`, and
    its button `<about>.action` posts to the address of this page, with these fields."""
    return draw(
        admin,
        "confirm",
        section=section,
        title=Text(f"{about.id}.title", about.values),
        about=about,
        back=back,
        danger=danger,
        fields=dict(fields or {}),
        status=status,
    )


def remember(response: Response, value: str) -> None:
    """Give this browser the console session."""
    visitor.set_cookie(response, _COOKIE, value, console_sessions.LIVES)


def forget(response: Response) -> None:
    """Take the cookie away again."""
    visitor.delete_cookie(response, _COOKIE)


def administered(found: ConsoleSession) -> list[Tenant]:
    """The tenants that somebody administers by name, in that order; those who administer every
    tenant find the others in the list of tenants."""
    ids = dict.fromkeys(each.administered_id for each in found.standings if each.administered_id)
    known = (tenants.by_id(tenant_id) for tenant_id in ids)
    return [each for each in known if each is not None]


def _served(
    admin: Admin, permission: str | None, view: View, given: Mapping[str, str], *, fresh: bool | str
) -> Response:
    try:
        if permission is not None:
            demand(admin.actor, permission)
        is_asked = admin.may(fresh) if isinstance(fresh, str) else fresh
        if is_asked and admin.auth_time < clock.now() - FRESH * clock.SECOND:
            return sign_in.begin(_here(), max_age=FRESH)
        return view(admin, **given)
    except NotFound:
        return _missing(admin)
    except Forbidden:
        return rendering.error_page("fault.console_forbidden", 403, **_way_home(admin))
    except OwnedByFile:
        return rendering.error_page("fault.console_owned_by_file", 409, **_way_back())
    except (StaleRow, KeyReused, InProgress):
        return rendering.error_page("fault.console_stale", 409, **_way_back())


def _at(found: ConsoleSession, slug: str) -> Admin | None:
    """The admin at the tenant of this slug; None where they have no role, or there is no such
    tenant: both look the same."""
    tenant = tenants.by_slug(slug)
    if tenant is None:
        return None
    standing = _standing(found, tenant)
    if standing is None:
        return None
    actor = visitor.actor()
    return Admin(
        tenant=tenant,
        actor=Actor(
            kind="admin",
            id=found.user_id,
            address=actor.address,
            user_agent=actor.user_agent,
            request_id=actor.request_id,
            roles=standing.names,
            organization_id=standing.organization_id,
        ),
        user_id=found.user_id,
        email=found.email or "",
        auth_time=found.auth_time,
    )


def _standing(found: ConsoleSession, tenant: Tenant) -> Standing | None:
    """What counts at a tenant: the strongest role for all of it, else the one for the organization
    that the address names, else that of the first organization."""
    if tenant.slug == console.SLUG:
        return _at_the_console(found)
    whole = [
        each
        for each in found.standings
        if each.administered_id in (None, tenant.id) and each.organization_id is None
    ]
    if whole:
        # Of two that are alike, the one for every tenant: it reaches further.
        return max(whole, key=lambda e: (admins.strongest((e.role,)), e.administered_id is None))
    parts = [each for each in found.standings if each.administered_id == tenant.id]
    about = (request.view_args or {}).get("organization_id")
    return next((each for each in parts if each.organization_id == about), next(iter(parts), None))


def _at_the_console(found: ConsoleSession) -> Standing | None:
    """Whoever changes the console's own tenant can become any admin, so that takes an owner of
    everything; others who administer everything may look (X04)."""
    reaching = [each for each in found.standings if each.administered_id is None]
    if not reaching:
        return None
    owner = next((each for each in reaching if each.role == "owner"), None)
    return owner or Standing(administered_id=None, organization_id=None, role="viewer")


def _missing(admin: Admin | None) -> Response:
    home = {"next_url": f"{request.script_root}{console.HOME}", "next_label": "action.to_console"}
    return rendering.error_page("fault.not_found", 404, **(_way_home(admin) if admin else home))


def _way_home(admin: Admin) -> dict[str, str]:
    return {
        "next_url": f"{tenancy.current().base_url}{admin.base}",
        "next_label": "action.to_console",
    }


def _way_back() -> dict[str, str]:
    """The page as it is now."""
    return {"next_url": f"{request.script_root}{request.path}", "next_label": "action.look_again"}


def _here() -> str:
    """The page to come back to after a sign-in: this one, or the one whose form was sent."""
    path, query = request.path, request.query_string.decode()
    if request.method in ("GET", "HEAD"):
        return f"{path}?{query}" if query else path
    rule, routes = request.url_rule, current_app.create_url_adapter(request)
    shown = {
        each.rule for each in current_app.url_map.iter_rules() if "GET" in (each.methods or ())
    }
    if rule is not None and routes is not None and rule.rule not in shown:
        path = path.rpartition("/")[0]
        while path != console.HOME and not routes.test(path, "GET"):
            path = path.rpartition("/")[0]
    return path
