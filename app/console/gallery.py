"""Every screen on one page, each with what a check of its accessibility found."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from app import text
from app.branding import accessibility, brand_of
from app.branding.accessibility import Contrast, Fault
from app.branding.themed import THEMES
from app.console import preview_catalogue, preview_column, preview_drawing, preview_source
from app.console.door import Admin, blueprint, draw, for_admin
from app.console.preview import source_of_request
from app.console.preview_column import Option
from app.console.preview_drawing import Choices
from app.console.preview_source import Source
from app.console.preview_states import STATES
from app.directory.tenants import Tenant
from app.flow.screen import Text

_CONTRASTS = {
    "text": "console.gallery.pair.text",
    "muted": "console.gallery.pair.muted",
    "page_text": "console.gallery.pair.page_text",
    "link": "console.gallery.pair.link",
    "link_in_message": "console.gallery.pair.link_in_message",
    "button": "console.gallery.pair.button",
    "button_pressed": "console.gallery.pair.button_pressed",
    "message": "console.gallery.pair.message",
    "danger": "console.gallery.pair.danger",
    "error": "console.gallery.pair.error",
    "success": "console.gallery.pair.success",
    "button_shape": "console.gallery.pair.button_shape",
    "field_border": "console.gallery.pair.field_border",
}


@dataclass(frozen=True)
class Shown:
    """A screen of the gallery."""

    name: str
    label: str
    url: str
    faults: tuple[Fault, ...]
    is_used: bool
    """Whether the tenant's settings lead to it at all."""


@blueprint.get("/<tenant_slug>/gallery")
@blueprint.get("/<tenant_slug>/organizations/<organization_id>/gallery")
@for_admin("brand.read")
def gallery(admin: Admin, organization_id: str | None = None) -> Response:
    """All screens of a draft, in one language, theme and state."""
    source = source_of_request(admin, organization_id)
    tenant = preview_source.previewed(admin.tenant, source)
    choices = preview_column.choices_of(tenant, request.args)
    groups = _groups(tenant, choices, source)
    contrasts = [each for each in _contrasts(tenant) if each.theme == choices.theme]
    return draw(
        admin,
        "branding/gallery",
        section="branding",
        title=Text("console.gallery.title"),
        groups=groups,
        faults=sum(len(each.faults) for _, shown in groups for each in shown),
        contrasts=contrasts,
        pair_of=_CONTRASTS,
        themes=_options(THEMES, choices.theme),
        states=_options(STATES, choices.state),
        languages=[
            Option(each, text.language_name(each), is_chosen=each == choices.locale)
            for each in preview_column.offered(tenant)
        ],
        source=preview_column.about(source),
        subject=source.subject,
        direction_of_frames=text.direction(choices.locale),
    )


def _groups(
    tenant: Tenant, choices: Choices, source: Source
) -> list[tuple[str, tuple[Shown, ...]]]:
    used = preview_catalogue.in_use(tenant)
    drawn = preview_drawing.draw_all(tenant, choices, "#")

    def shown(option: Option) -> Shown:
        name = option.value
        is_mail = preview_catalogue.message_of(name) is not None
        faults = accessibility.faults_of(drawn[name], is_mail=is_mail)
        is_flow = not is_mail and name not in preview_catalogue.PAGES
        return Shown(
            name,
            option.words,
            preview_column.frame_url(tenant, name, choices, source),
            tuple(faults),
            is_used=not is_flow or name in used,
        )

    groups = preview_column.groups(tenant)
    return [(heading, tuple(shown(each) for each in options)) for heading, options in groups]


def _contrasts(tenant: Tenant) -> list[Contrast]:
    return accessibility.contrasts_of(brand_of(tenant))


def _options(values: tuple[str, ...], chosen: str) -> list[Option]:
    return [Option(each, preview_column.word(each), "", each == chosen) for each in values]
