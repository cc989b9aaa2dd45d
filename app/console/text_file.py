"""Own sentences as a file for the next tenant, a catalogue for a translator, and both back in."""

from flask import make_response, request
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField

from app import bodies
from app.console.door import Admin, blueprint, demand, done, draw, for_admin
from app.console.form import Form
from app.console.text_frame import SECTION, tabs, texts_of
from app.database import write
from app.directory import wording, wording_file
from app.directory.wording_file import BadFile


class ImportTexts(Form):
    """A file that was exported, perhaps by another tenant or for a translator."""

    file = FileField("console.texts.file", description="console.texts.file_hint")
    replaces = BooleanField("console.texts.replaces", description="console.texts.replaces_hint")


@blueprint.route("/<tenant_slug>/texts/file", methods=["GET", "POST"])
@for_admin("text.read")
@bodies.takes_documents("body_too_large", wording_file.LONGEST + 100_000)
def text_file(admin: Admin) -> Response:
    """Bring own sentences in, or go and fetch them."""
    if request.method == "POST":
        demand(admin.actor, "text.edit")
    form = ImportTexts(request.form if request.method == "POST" else None)
    if request.method == "POST" and _is_imported(admin, form):
        return done(admin, "/texts", "console.texts.imported")
    return draw(
        admin,
        "texts/file",
        section=SECTION,
        status=422 if request.method == "POST" else 200,
        tabs=tabs(admin, "/file"),
        form=form,
        languages=wording.locales(texts_of(admin)),
        can_write=admin.may("text.edit"),
    )


@blueprint.get("/<tenant_slug>/texts/export")
@for_admin("text.read")
def export_texts(admin: Admin) -> Response:
    """Every own sentence as JSON."""
    content = wording_file.export(texts_of(admin)).encode()
    return _as_file(content, "application/json", f"texts-{admin.tenant.slug}.json")


@blueprint.get("/<tenant_slug>/texts/<locale>/export")
@for_admin("text.read")
def export_catalogue(admin: Admin, locale: str) -> Response:
    """Every sentence of a language as a catalogue (.po)."""
    content = wording_file.export_catalogue(texts_of(admin), locale)
    return _as_file(content, "text/x-gettext-translation", f"{admin.tenant.slug}-{locale}.po")


def _is_imported(admin: Admin, form: ImportTexts) -> bool:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        form.refuse("file", "console.form.needed")
        return False
    try:
        with upload.stream as content:
            found = wording_file.read(content.read(), texts_of(admin))
    except BadFile as refusal:
        for fault in refusal.faults:
            form.refuse(None, fault)
        return False
    with write(admin.tenant.id) as session:
        wording_file.bring_in(session, admin.actor, found, replaces=bool(form.replaces.data))
    return True


def _as_file(content: bytes, media_type: str, name: str) -> Response:
    response = make_response(content)
    response.content_type = f"{media_type}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
