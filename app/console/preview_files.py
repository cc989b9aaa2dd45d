"""The stylesheet and pictures of previews, from the console's own origin.

A previewed page has no origin (it is sandboxed), so its files come without a cookie: their address
carries the look itself, signed, so that nobody else can have a look drawn or a logo shown.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app import tenancy
from app.branding import Brand, drawn, logo, sheet, themed
from app.branding.sheet import Sheet
from app.branding.themed import Theme
from app.database import read
from app.directory import console
from app.directory.brand_settings import PICTURES
from app.directory.brand_settings import Brand as Look
from app.directory.tenants import Tenant
from app.pages.brand import file_of
from app.security import keyring

blueprint = Blueprint("preview_files", __name__, url_prefix="/preview/files")

_SALT = "files of a preview"
_WORDS = {"name", "tagline", "heading", "privacy_url", "terms_url", "support_url"}
"""What the files do not depend on stays out of their address."""


@dataclass(frozen=True)
class Shown:
    """Whose files they are, and in which look."""

    tenant_id: str
    look: Look
    name: str
    theme: Theme

    @property
    def brand(self) -> Brand:
        """The brand that the files are made from."""
        return drawn(self.look, self.name)

    @property
    def pictures(self) -> set[str | None]:
        """The ids of the pictures in it."""
        return {getattr(self.look, name) for name in PICTURES} - {None}


def base_of(tenant: Tenant, theme: Theme) -> str:
    """Below which path of this origin the files of the tenant's look are."""
    return base_of_look(tenant, tenant.settings.brand, theme)


def base_of_look(tenant: Tenant, look: Look, theme: Theme = "light") -> str:
    """The same of a look that is not the tenant's, or not yet."""
    document = look.model_dump(mode="json", exclude_defaults=True, exclude=_WORDS)
    handle = _serializer().dumps([tenant.id, document, drawn(look, tenant.name).initials, theme])
    return url_for("preview_files.stylesheet", handle=handle, digest="-").rpartition("/brand/")[0]


@blueprint.before_request
def only_of_the_console() -> None:
    """Answer 404 in every other tenant."""
    here = console.find()
    if here is None or here.id != tenancy.current().id:
        abort(404)


@blueprint.get("/<handle>/brand/<digest>.css")
def stylesheet(handle: str, digest: str) -> Response:
    """The stylesheet of the look for one theme."""
    shown = _opened(handle)
    return file_of(themed.stylesheet(shown.brand, shown.theme), digest)


@blueprint.get("/<handle>/brand/<digest>.svg")
def icon(handle: str, digest: str) -> Response:
    """The icon of the look."""
    return file_of(sheet.icon(_opened(handle).brand), digest)


@blueprint.get("/<handle>/brand/<asset_id>.png")
@blueprint.get("/<handle>/brand/<asset_id>.webp")
def picture(handle: str, asset_id: str) -> Response:
    """A picture of the look; of no other one of the tenant."""
    shown = _opened(handle)
    if asset_id not in shown.pictures:
        abort(404)
    with read(shown.tenant_id) as session:
        asset = logo.load(session, asset_id)
    if asset is None:
        abort(404)
    return file_of(Sheet(asset.media_type, asset.content, None, asset_id), asset_id)


@blueprint.get("/<handle>/brand/<typeface>-<digest>.woff2")
def font(handle: str, typeface: str, digest: str) -> Response:
    """The letters; a page without an origin may only have them where every origin may."""
    _opened(handle)
    found = sheet.font(typeface)
    if found is None:
        abort(404)
    response = file_of(found, digest)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.after_request
def contain(response: Response) -> Response:
    """Opened by itself, a file can do nothing."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _opened(handle: str) -> Shown:
    try:
        tenant_id, document, name, theme = _serializer().loads(handle)
        return Shown(tenant_id, Look.model_validate(document), name, theme)
    except (BadSignature, ValueError):
        abort(404)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(keyring().signing_secrets(), salt=_SALT)
