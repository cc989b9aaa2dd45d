"""Stylesheet, script, font and logo of the tenant's pages, each named by its content."""

from flask import Blueprint, Response, abort, make_response, request

from app import tenancy
from app.branding import brand_of, logo, sheet
from app.branding.sheet import Sheet
from app.database import read

blueprint = Blueprint("brand", __name__)

_FOREVER = "public, max-age=31536000, immutable"
_PICTURE_POLICY = "default-src 'none'; sandbox"


@blueprint.get("/brand/<digest>.css")
def stylesheet(digest: str) -> Response:
    """The tenant's stylesheet. Under an old digest the newest comes, so that no page is bare."""
    return _file(sheet.stylesheet(brand_of(tenancy.current())), digest)


@blueprint.get("/brand/<digest>.svg")
def icon(digest: str) -> Response:
    """The tile of the tenant as the icon of its tabs."""
    response = _file(sheet.icon(brand_of(tenancy.current())), digest)
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


@blueprint.get("/brand/<asset_id>.png")
def picture(asset_id: str) -> Response:
    """A logo that the tenant uploaded, encoded anew."""
    tenant = tenancy.current()
    with read(tenant.id) as session:
        asset = logo.load(session, asset_id)
    if asset is None:
        abort(404)
    response = make_response(asset.content)
    response.content_type = asset.media_type
    response.headers["Cache-Control"] = _FOREVER
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


@blueprint.get("/assets/pages-<digest>.js")
def script(digest: str) -> Response:
    """The script of all pages."""
    return _file(sheet.script(), digest)


@blueprint.get("/brand/inter-<digest>.woff2")
def font(digest: str) -> Response:
    """Letters for those whose system has none as good."""
    return _file(sheet.font(), digest)


def _file(found: Sheet, digest: str) -> Response:
    takes_gzip = request.accept_encodings["gzip"] > 0 and found.compressed is not None
    response = make_response(found.compressed if takes_gzip else found.content)
    response.content_type = found.media_type
    response.headers["Cache-Control"] = _FOREVER if digest == found.digest else "no-store"
    response.vary.add("Accept-Encoding")
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response
