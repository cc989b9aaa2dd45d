"""The look of a tenant, organization or client: edited as a draft, and published."""

from dataclasses import asdict, replace

from flask import jsonify, make_response, request
from werkzeug.wrappers import Response

from app.branding import contrast, logo
from app.branding.logo import Picture
from app.branding.typefaces import TYPEFACES
from app.console import brand_form, preview_column, preview_files
from app.console.brand_form import BrandForm
from app.console.brand_place import BRAND, SECTION, Look, Place, at_every_level, look_at
from app.console.door import Admin, confirm, done, draw
from app.console.form import told_as
from app.console.preview_source import DRAFT, Source
from app.database import write
from app.directory import drafts
from app.directory.brand_settings import PICTURES, Brand
from app.directory.drafts import Waiting
from app.directory.errors import OwnedByFile
from app.directory.settings_store import BadSettings
from app.flow.screen import Text
from app.pages import rendering

TABS = (
    ("", "console.branding.tab.edit"),
    ("/changes", "console.branding.tab.changes"),
    ("/history", "console.branding.tab.history"),
    ("/schedule", "console.branding.tab.schedule"),
    ("/values", "console.branding.tab.values"),
    ("/file", "console.branding.tab.file"),
)


@at_every_level()
def branding(admin: Admin, place: Place) -> Response:
    """The form, beside the pages that it changes."""
    look = look_at(admin, place)
    return _page(admin, look, brand_form.form_of(admin, look, is_fixed=_is_fixed(admin, look)))


@at_every_level("/save", permission="brand.draft", methods=("POST",))
def save_branding(admin: Admin, place: Place) -> Response:
    """Keep what was sent as the draft; the button `publish` publishes it too."""
    look = look_at(admin, place)
    _refuse_fixed(look)
    form = brand_form.form_of(admin, look, is_fixed=False)
    is_valid = form.validate()
    pictures = brand_form.uploads(form)
    is_valid = is_valid and not form.errors
    revision = _saved(admin, look, form, pictures) if is_valid else 0
    if _wants_json():
        return _told(look_at(admin, place), form)
    if not revision:
        return _page(admin, look, form, status=422)
    if request.form.get("action") == "publish":
        return _published(admin, place, revision)
    return done(admin, place.path, "console.branding.saved")


@at_every_level("/publish", permission="brand.publish", methods=("POST",))
def publish_branding(admin: Admin, place: Place) -> Response:
    """Publish the draft as it is."""
    return _published(admin, place, request.form.get("revision", 0, type=int))


@at_every_level("/discard", permission="brand.draft", methods=("GET", "POST"))
def discard_branding(admin: Admin, place: Place) -> Response:
    """Ask once, then throw the draft away."""
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            drafts.discard(session, admin.actor, BRAND, place.subject)
        return done(admin, place.path, "console.branding.discarded")
    return confirm(admin, SECTION, Text("console.branding.discard"), back=place.path)


def draw_at(
    admin: Admin,
    look: Look,
    template: str,
    tab: str,
    *,
    status: int = 200,
    **context: object,
) -> Response:
    """A page below the heading and the tabs of a look."""
    place = look.place
    here = f"{request.script_root}{admin.base}{place.path}"
    tabs = [(f"{here}{path}", rendering.translate(words), path == tab) for path, words in TABS]
    title = Text(f"{dict(TABS)[tab]}_title")
    return draw(
        admin,
        f"branding/{template}",
        section=SECTION,
        title=title,
        status=status,
        look=look,
        place=place,
        tabs_of_look=tabs,
        here_of_look=here,
        typefaces=TYPEFACES,
        can_draft=admin.may("brand.draft"),
        can_publish=admin.may("brand.publish"),
        picture_url=lambda member, asset_id: picture_url(admin, member, asset_id),
        **context,
    )


def picture_url(admin: Admin, member: str, asset_id: str) -> str:
    """Where the console shows a picture of the tenant, from its own origin."""
    alone = Brand.model_validate({member: asset_id})
    settings = admin.tenant.settings.model_copy(update={"brand": alone})
    shown = replace(admin.tenant, settings=settings, looks={})
    suffix = "webp" if member == "panel_image" else "png"
    return f"{preview_files.base_of(shown, 'light')}/brand/{asset_id}.{suffix}"


def _page(admin: Admin, look: Look, form: BrandForm, status: int = 200) -> Response:
    return draw_at(
        admin,
        look,
        "edit",
        "",
        status=status,
        form=form,
        headings=brand_form.headings_of(form),
        usual_heading=brand_form.usual_heading,
        name_placeholder="{{ tenant_name }}",
        swatches=brand_form.SWATCHES,
        pictures={name: getattr(look.resolved.look, name) for name in PICTURES},
        is_fixed_look=_is_fixed(admin, look),
        report=_report(look),
        preview=preview_column.column(admin, Source(look.place.subject, DRAFT)),
    )


def _report(look: Look) -> contrast.Report:
    shown = look.resolved.look
    return contrast.report(shown.accent, shown.background)


def _is_fixed(admin: Admin, look: Look) -> bool:
    return look.is_of_file or look.is_scheduled or not admin.may("brand.draft")


def _refuse_fixed(look: Look) -> None:
    if look.is_of_file:
        raise OwnedByFile("The section brand is managed by a file.")
    if look.is_scheduled:
        raise Waiting


def _saved(admin: Admin, look: Look, form: BrandForm, pictures: dict[str, Picture]) -> int:
    """The revision of the draft; 0 where the form now says what is wrong."""
    place = look.place
    document = brand_form.document_of(form, look, request.form.get("action", ""))
    try:
        with write(admin.tenant.id) as session:
            for member, picture in pictures.items():
                document[member] = logo.keep(
                    session, admin.actor, picture, organization_id=place.organization_id
                )
            return drafts.save(
                session,
                admin.actor,
                BRAND,
                document,
                subject=place.subject,
                expected=request.form.get("revision", 0, type=int),
            )
    except BadSettings as refusal:
        for problem in refusal.problems:
            member, _, sentence = problem.partition(": ")
            form.refuse(member.partition(".")[0], sentence or problem)
    return 0


def _published(admin: Admin, place: Place, revision: int) -> Response:
    with write(admin.tenant.id) as session:
        drafts.publish(session, admin.actor, BRAND, place.subject, expected=revision)
    return done(admin, place.path, "console.branding.published")


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _told(look: Look, form: BrandForm) -> Response:
    """What the script of the page needs after it saved by itself."""
    wrong = {
        each.name: told_as(str(each.errors[0]), rendering.translate) for each in form if each.errors
    }
    if wrong:
        return make_response(jsonify(errors=wrong), 422)
    told = rendering.translate("console.branding.draft_saved")
    report = _report(look)
    judged = "corrected" if report.is_corrected else "readable"
    contrasts = {
        "told": rendering.translate(f"console.branding.{judged}", ratio=report.on_white),
        "is_corrected": report.is_corrected,
        "findings": [asdict(each) for each in report.findings],
    }
    return make_response(jsonify(revision=look.revision, told=told, contrast=contrasts))
