"""Where people come in: the sign-in and its way back, the tenants that they administer, and the
files of the console's pages."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.branding import brand_of, sheet
from app.console import door, navigation, sign_in
from app.console.door import Admin, blueprint, for_admin, for_session
from app.console.sign_in import NotSignedIn
from app.database import EVERYWHERE, read, write
from app.directory import console, console_sessions, tenants
from app.directory.console_sessions import ConsoleSession
from app.directory.listing import Page
from app.directory.permissions import PLATFORM
from app.directory.tenants import ListedTenant, Tenant
from app.pages import leaving, rendering
from app.pages.brand import file_of


@blueprint.get("")
@for_session
def home(found: ConsoleSession) -> Response:
    """On to the only tenant that somebody administers, or to the list of them."""
    known = door.administered(found)
    if len(known) == 1 and not found.reaches_all:
        return redirect(url_for("console.begin", tenant_slug=known[0].slug), 303)
    return redirect(url_for("console.list_tenants"), 303)


@blueprint.get("/tenants")
@for_session
def list_tenants(found: ConsoleSession) -> Response:
    """Every tenant that somebody administers."""
    page = _tenants_of(found)
    return rendering.page(
        "console/tenants.html",
        title=rendering.translate("console.tenants.title"),
        listed=page.items,
        next_cursor=page.next_cursor,
        me=found,
        may_create=any(PLATFORM in each.names for each in found.standings),
        style_url=url_for(
            "console.stylesheet",
            digest=sheet.console_stylesheet(brand_of(tenancy.current())).digest,
        ),
    )


@blueprint.get("/<tenant_slug>")
@for_admin(None)
def begin(admin: Admin) -> Response:
    """The first page of a tenant that somebody may see."""
    if admin.organization_id is not None:
        return leaving.to_path(f"{admin.base}/organizations/{admin.organization_id}")
    first = navigation.first_page(admin.may, admin.tenant.slug)
    return redirect(first or url_for("console.list_tenants"), 303)


@blueprint.get("/sign-in")
def enter() -> Response:
    """To the sign-in, whoever is signed in already."""
    return sign_in.begin(console.HOME)


@blueprint.get("/callback")
def callback() -> Response:
    """Back from the sign-in."""
    if request.args.get("error"):
        return rendering.error_page("fault.console_not_signed_in", 403, **_again())
    try:
        returned = sign_in.finish()
    except NotSignedIn:
        return rendering.error_page("fault.console_not_signed_in", 400, **_again())
    response = leaving.to_path(returned.path)
    door.remember(response, returned.cookie)
    return response


@blueprint.post("/leave")
def leave() -> Response:
    """End the console session, and on to the sign-out of the console's tenant."""
    found = door.current()
    if found is not None:
        with write(tenancy.current().id) as session:
            console_sessions.end(session, visitor.acting(found.user_id), found)
    query = f"client_id={console.CLIENT_ID}"
    response = leaving.to_path(f"/oauth2/logout?{query}")
    door.forget(response)
    return response


@blueprint.get("/assets/console-<digest>.css")
def stylesheet(digest: str) -> Response:
    """The stylesheet of the console's pages."""
    return file_of(sheet.console_stylesheet(brand_of(tenancy.current())), digest)


@blueprint.get("/assets/console-<digest>.js")
def script(digest: str) -> Response:
    """The script of the console's pages."""
    return file_of(sheet.console_script(), digest)


def _tenants_of(found: ConsoleSession) -> Page[ListedTenant]:
    if found.reaches_all:
        with read(EVERYWHERE) as session:
            return tenants.list_page(session, request.args.get("after"))
    return Page(tuple(_listed(each) for each in door.administered(found)), None)


def _listed(tenant: Tenant) -> ListedTenant:
    return ListedTenant(
        tenant.id, tenant.slug, tenant.name, tenant.kind, tenant.status, tenant.issuer, 0, 0
    )


def _again() -> dict[str, str]:
    return {"next_url": url_for("console.enter"), "next_label": "action.sign_in"}
