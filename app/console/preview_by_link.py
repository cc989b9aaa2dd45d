"""What somebody with a link sees: one look on every screen, and nothing else of the tenant.

The token in the address names the link's row, and is signed together with what the link shows, so
that a row cannot be made to show something else. The answers have no forms that work, are kept out
of search engines, and tell nobody where they were read.
"""

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from app import headers
from app.branding import brand_of
from app.console import (
    door,
    preview_catalogue,
    preview_column,
    preview_drawing,
    preview_files,
    preview_source,
)
from app.database import read
from app.directory import preview_links, tenants
from app.directory.preview_links import SharedPreview
from app.directory.tenants import Tenant
from app.pages import rendering
from app.security import keyring

blueprint = Blueprint("preview_by_link", __name__, url_prefix="/preview")

_SALT = "link to a preview"
_LONGEST = 600
Opened = tuple[Tenant, SharedPreview]


blueprint.before_request(preview_files.only_of_the_console)


@blueprint.get("")
def look() -> Response:
    """The screens of the look, one at a time."""
    return _with_link(_look)


@blueprint.get("/<screen>")
def screen(screen: str) -> Response:
    """One screen, for the frame."""
    return _with_link(lambda opened: _screen(opened, screen))


def url_of(tenant: Tenant, shared: SharedPreview) -> str:
    """The link, with its token."""
    token = _serializer().dumps([tenant.id, shared.id, shared.subject, shared.revision])
    return url_for("preview_by_link.look", token=token, _external=True)


def _with_link(view: Callable[[Opened], Response]) -> Response:
    opened = _opened(request.args.get("token", ""))
    if opened is None:
        response = rendering.error_page("fault.preview_gone", 410, next_url="/")
    else:
        response = view(opened)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return headers.allow_own_frames(response)


def _look(opened: Opened) -> Response:
    tenant = _tenant_of(opened)
    return rendering.page(
        "console/branding/by_link.html",
        title=rendering.translate("console.share.looking", name=brand_of(tenant).name),
        tenant_name=brand_of(tenant).name,
        preview=preview_column.shared(tenant, request.args["token"]),
        until=opened[1].expires_at,
        **door.frame(),
    )


def _screen(opened: Opened, name: str) -> Response:
    tenant = _tenant_of(opened)
    choices = preview_column.choices_of(tenant, request.args)
    files = preview_files.base_of(tenant, choices.theme)
    try:
        drawn = preview_drawing.draw(tenant, name, choices, files)
    except preview_drawing.NoSuchPreview:
        abort(404)
    is_mail = preview_catalogue.message_of(name) is not None
    return headers.contain(make_response(drawn), is_mail=is_mail)


def _tenant_of(opened: Opened) -> Tenant:
    tenant, shared = opened
    return preview_source.dressed(tenant, shared.look)


def _opened(token: str) -> Opened | None:
    """The tenant and the link that a token names; None for what we never signed, and for a link
    that is over."""
    if len(token) > _LONGEST:
        return None
    try:
        tenant_id, link_id, subject, revision = _serializer().loads(token)
    except (BadSignature, ValueError):
        return None
    tenant = tenants.by_id(tenant_id)
    if tenant is None or not tenant.is_active:
        return None
    with read(tenant.id) as session:
        shared = preview_links.find(session, link_id)
    if shared is None or (shared.subject, shared.revision) != (subject, revision):
        return None
    return tenant, shared


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(keyring().signing_secrets(), salt=_SALT)
