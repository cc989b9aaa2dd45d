"""Stylesheet, script, font and logo of the tenant's pages, each named by its content."""

from flask import Blueprint, Response, abort, make_response, request

from app import tenancy
from app.branding import logo, sheet
from app.branding.sheet import Sheet
from app.database import read
from app.pages import wardrobe

blueprint = Blueprint("brand", __name__)

_FOREVER = "public, max-age=31536000, immutable"
_PICTURE_POLICY = "default-src 'none'; sandbox"


@blueprint.get("/brand/<digest>.css")
def stylesheet(digest: str) -> Response:
    """The tenant's stylesheet. Under an old digest the newest comes, so that no page is bare."""
    return file_of(sheet.stylesheet(wardrobe.asked_for()), digest)


@blueprint.get("/brand/<digest>.svg")
def icon(digest: str) -> Response:
    """The tile of the tenant as the icon of its tabs."""
    response = file_of(sheet.icon(wardrobe.asked_for()), digest)
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


@blueprint.get("/brand/<asset_id>.png")
@blueprint.get("/brand/<asset_id>.webp")
def picture(asset_id: str) -> Response:
    """A picture that the tenant uploaded, encoded anew."""
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
    return file_of(sheet.script(), digest)


@blueprint.get("/brand/<typeface>-<digest>.woff2")
def font(typeface: str, digest: str) -> Response:
    """Letters for those whose system has none as good."""
    found = sheet.font(typeface)
    return file_of(found, digest) if found else abort(404)


def file_of(found: Sheet, digest: str) -> Response:
    """The answer that serves it: for ever under its own digest, and not kept under another."""
    takes_gzip = request.accept_encodings["gzip"] > 0 and found.compressed is not None
    response = make_response(found.compressed if takes_gzip else found.content)
    response.content_type = found.media_type
    response.headers["Cache-Control"] = _FOREVER if digest == found.digest else "no-store"
    response.vary.add("Accept-Encoding")
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response
