"""The form of a look, filled with what counts: a value is the level's own once it was changed."""

from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Regexp, ValidationError

from app import language, text
from app.branding import logo
from app.branding.logo import BadLogo, Picture
from app.branding.typefaces import TYPEFACES
from app.console.brand_place import Look
from app.console.door import Admin
from app.console.form import AtMost, Choice, Form, choices
from app.directory.brand_settings import HEADING_PLACEHOLDERS, PICTURES
from app.models import Document

SWATCHES = ("#4f46e5", "#0e7490", "#147a3a", "#ad4f08", "#be123c", "#18181b")
WORDS = (
    *("name", "accent", "background", "layout", "corners", "typeface", "tagline"),
    *("privacy_url", "terms_url", "support_url"),
)
"""The members that stand in one field each."""

_HEADING = "heading_"
_COLOUR = Regexp(r"^$|^#[0-9a-fA-F]{6}$", message="console.branding.bad_colour")
_LINK = Regexp(r"^$|^https://\S+$", message="console.branding.bad_link")


def _named(*values: str) -> list[Choice]:
    return [(each, f"console.branding.{each}") for each in values]


class KnownPlaceholders:
    """Only the placeholders that a heading may have."""

    def __call__(self, form: Form, field: Any) -> None:
        """Raise `ValidationError` for others."""
        if text.placeholders(field.data or "") - HEADING_PLACEHOLDERS:
            raise ValidationError("console.branding.bad_placeholder")


class BrandForm(Form):
    """The members of the brand."""

    revision = HiddenField()
    logo = FileField("console.branding.logo", description="console.branding.logo_hint")
    logo_dark = FileField(
        "console.branding.logo_dark", description="console.branding.logo_dark_hint"
    )
    icon = FileField("console.branding.icon", description="console.branding.icon_hint")
    accent = StringField("console.branding.accent", validators=[_COLOUR])
    background = StringField(
        "console.branding.background",
        validators=[_COLOUR],
        description="console.branding.background_hint",
    )
    layout = RadioField(
        "console.branding.layout",
        choices=choices(_named("centered", "split", "plain")),
    )
    panel_image = FileField(
        "console.branding.panel_image", description="console.branding.panel_image_hint"
    )
    tagline = StringField(
        "console.branding.tagline",
        validators=[AtMost(160)],
        description="console.branding.tagline_hint",
    )
    corners = RadioField(
        "console.branding.corners",
        choices=choices(_named("square", "soft", "round")),
    )
    typeface = SelectField(
        "console.branding.typeface",
        choices=choices((each.key, each.name) for each in TYPEFACES.values()),
    )
    name = StringField(
        "console.branding.name", validators=[AtMost(80)], description="console.branding.name_hint"
    )
    privacy_url = StringField("console.branding.privacy_url", validators=[_LINK, AtMost(500)])
    terms_url = StringField("console.branding.terms_url", validators=[_LINK, AtMost(500)])
    support_url = StringField("console.branding.support_url", validators=[_LINK, AtMost(500)])


def form_of(admin: Admin, look: Look, *, is_fixed: bool) -> BrandForm:
    """The form, with what was sent or else with what counts; a heading for each language."""
    texts = admin.tenant.settings.texts
    locales = sorted(language.switched_on(texts), key=lambda each: each != texts.default_locale)
    headings = {
        f"{_HEADING}{locale}": StringField(
            "console.branding.heading", validators=[AtMost(120), KnownPlaceholders()]
        )
        for locale in locales
    }
    made: type[BrandForm] = type("BrandFormInLanguages", (BrandForm,), headings)
    form = made(request.form if request.method == "POST" else None, data=_filled(look))
    for field in form if is_fixed else ():
        field.render_kw = {"disabled": True}
    return form


def headings_of(form: BrandForm) -> list[tuple[str, Any]]:
    """Locale and field of each heading, the tenant's own language first."""
    return [
        (name.removeprefix(_HEADING), field)
        for name, field in form._fields.items()
        if name.startswith(_HEADING)
    ]


def usual_heading(locale: str) -> str:
    """What stands there without a heading of one's own, with its placeholders."""
    return text.translate(locale, "identify.title")


def uploads(form: BrandForm) -> dict[str, Picture]:
    """The pictures that came with the form, accepted; what is wrong with one is said at its field.
    No transaction may be open."""
    accepted: dict[str, Picture] = {}
    for member in PICTURES:
        upload: FileStorage | None = request.files.get(member)
        if upload is None or not upload.filename:
            continue
        try:
            accepted[member] = logo.accept(upload.read(), logo.USES[member])
        except BadLogo as refusal:
            form.refuse(member, str(refusal))
    return accepted


def document_of(form: BrandForm, look: Look, action: str) -> Document:
    """What the level decides after the form: what it decided before, and whatever differs from
    what it would inherit. `action` may take a member back, set a picture to none, or choose one of
    the colours that are offered."""
    own, inherited = dict(look.document), look.inherited.model_dump(mode="json")
    for member in WORDS:
        value = getattr(form, member).data or None
        if member in own or value != inherited[member]:
            own[member] = value
    headings = {locale: field.data for locale, field in headings_of(form) if field.data}
    if "heading" in own or headings != inherited["heading"]:
        own["heading"] = headings
    if own.get("accent", "") is None:
        del own["accent"]
    return _acted(own, *action.partition(":")[::2])


def _acted(own: Document, verb: str, about: str) -> Document:
    if verb == "reset":
        own.pop(about, None)
    elif verb == "none" and about in PICTURES:
        own[about] = None
    elif verb == "swatch" and about in SWATCHES:
        own["accent"] = about
    return own


def _filled(look: Look) -> dict[str, Any]:
    values = look.resolved.look.model_dump(mode="json")
    headings = {f"{_HEADING}{locale}": each for locale, each in values["heading"].items()}
    return {name: values[name] for name in WORDS} | headings | {"revision": str(look.revision)}
