"""Previews: every page and mail in the look of a draft, in a frame that can do nothing."""

from flask import Response, make_response, redirect, request, url_for

from app import headers
from app.console import (
    preview_catalogue,
    preview_column,
    preview_drawing,
    preview_files,
    preview_source,
)
from app.console.door import Admin, blueprint, for_admin
from app.console.preview_source import DRAFT, PUBLISHED, Source
from app.directory.errors import NotFound
from app.directory.settings_store import OF_TENANT
from app.directory.tenants import Tenant


@blueprint.get("/<tenant_slug>/preview/<screen>")
@for_admin("brand.read")
def preview(admin: Admin, screen: str) -> Response:
    """A page as it would be: `?of=draft`, `published` or a revision; `?subject=` names an
    organization or client; `theme`, `language` and `state` say how it is looked at."""
    if preview_catalogue.message_of(screen) is not None:
        mail = url_for("console.preview_mail", tenant_slug=admin.tenant.slug, screen=screen)
        return make_response(redirect(f"{mail}?{request.query_string.decode()}", 303))
    return headers.contain(make_response(_drawn(admin.tenant, screen)))


@blueprint.get("/<tenant_slug>/preview/<screen>/html")
@for_admin("brand.read")
def preview_mail(admin: Admin, screen: str) -> Response:
    """A mail as it would be; mails bring their style along."""
    if preview_catalogue.message_of(screen) is None:
        raise NotFound("screen")
    return headers.contain(make_response(_drawn(admin.tenant, screen)), is_mail=True)


@blueprint.after_request
def let_pages_frame_previews(response: Response) -> Response:
    """Pages of the console may show frames of their own origin."""
    return headers.allow_own_frames(response)


def source_of_request() -> Source:
    """Whose look the address names; the tenant's draft where it names none."""
    of = request.args.get("of", DRAFT)
    known = of in (DRAFT, PUBLISHED) or (of.isdecimal() and len(of) < 10)
    return Source(request.args.get("subject") or OF_TENANT, of if known else DRAFT)


def draw_for(tenant: Tenant, screen: str, source: Source) -> str:
    """The HTML of a preview, as the address of this request wants it; raises `NotFound`."""
    shown = preview_source.previewed(tenant, source)
    choices = preview_column.choices_of(shown, request.args)
    files = preview_files.base_of(shown, choices.theme)
    try:
        return preview_drawing.draw(shown, screen, choices, files)
    except preview_drawing.NoSuchPreview:
        raise NotFound("screen") from None


def _drawn(tenant: Tenant, screen: str) -> str:
    return draw_for(tenant, screen, source_of_request())
