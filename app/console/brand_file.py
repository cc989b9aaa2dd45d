"""A look taken along as a file, and brought in from one as a draft."""

from flask import make_response, request
from werkzeug.wrappers import Response
from wtforms import FileField

from app.branding import exchange, logo
from app.branding.exchange import BadFile, Imported
from app.console.brand_place import BRAND, Look, Place, at_every_level, look_at
from app.console.branding import draw_at
from app.console.door import Admin, demand, done
from app.console.form import Form
from app.database import read, write
from app.directory import drafts
from app.directory.errors import Refused


class ImportForm(Form):
    """A file that was exported."""

    file = FileField("console.branding.file", description="console.branding.file_hint")


@at_every_level("/file", methods=("GET", "POST"))
def brand_file(admin: Admin, place: Place) -> Response:
    """Bring a look in as the draft, or go and fetch one."""
    if request.method == "POST":
        demand(admin.actor, "brand.draft")
    look, form = look_at(admin, place), ImportForm()
    if request.method == "POST" and _is_imported(admin, look, form):
        return done(admin, place.path, "console.branding.imported")
    status = 422 if request.method == "POST" else 200
    return draw_at(admin, look, "file", "/file", status=status, form=form)


@at_every_level("/export")
def export_brand(admin: Admin, place: Place) -> Response:
    """The published look as a file, or `?of=draft` the draft."""
    look = look_at(admin, place)
    document = look.document if request.args.get("of") == "draft" else look.published_document
    with read(admin.tenant.id) as session:
        content = exchange.export(session, document)
    response = make_response(content)
    response.content_type = "application/json"
    name = f"brand-{admin.tenant.slug}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _is_imported(admin: Admin, look: Look, form: ImportForm) -> bool:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        form.refuse("file", "console.form.needed")
        return False
    try:
        _draft(admin, look, exchange.read_file(upload.read()))
    except (BadFile, Refused) as refusal:
        form.refuse("file", str(refusal))
        return False
    return True


def _draft(admin: Admin, look: Look, imported: Imported) -> None:
    place, document = look.place, dict(imported.document)
    with write(admin.tenant.id) as session:
        for member, picture in imported.pictures.items():
            document[member] = picture and logo.keep(
                session, admin.actor, picture, organization_id=place.organization_id
            )
        drafts.save(session, admin.actor, BRAND, document, subject=place.subject)
