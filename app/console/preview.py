"""Previews: every page and mail in the look of a draft, in a frame that can do nothing."""

from flask import Response, make_response, redirect, request

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
from app.database import read
from app.directory import organizations
from app.directory.errors import NotFound
from app.directory.settings_store import OF_TENANT
from app.directory.tenants import Tenant


@blueprint.get("/<tenant_slug>/preview/<screen>")
@blueprint.get("/<tenant_slug>/organizations/<organization_id>/preview/<screen>")
@for_admin("brand.read")
def preview(admin: Admin, screen: str, organization_id: str | None = None) -> Response:
    """A page as it would be: `?of=draft`, `published` or a revision; `?subject=` names a client;
    `theme`, `language` and `state` say how it is looked at."""
    source = source_of_request(admin, organization_id)
    if preview_catalogue.message_of(screen) is not None:
        mail = f"{preview_column.root_of(admin.tenant, source)}{screen}/html"
        return make_response(redirect(f"{mail}?{request.query_string.decode()}", 303))
    return headers.contain(make_response(_drawn(admin.tenant, screen, source)))


@blueprint.get("/<tenant_slug>/preview/<screen>/html")
@blueprint.get("/<tenant_slug>/organizations/<organization_id>/preview/<screen>/html")
@for_admin("brand.read")
def preview_mail(admin: Admin, screen: str, organization_id: str | None = None) -> Response:
    """A mail as it would be; mails bring their style along."""
    source = source_of_request(admin, organization_id)
    if preview_catalogue.message_of(screen) is None:
        raise NotFound("screen")
    return headers.contain(make_response(_drawn(admin.tenant, screen, source)), is_mail=True)


@blueprint.after_request
def let_pages_frame_previews(response: Response) -> Response:
    """Pages of the console may show frames of their own origin."""
    return headers.allow_own_frames(response)


def source_of_request(admin: Admin, organization_id: str | None = None) -> Source:
    """Whose look the address names; the tenant's draft where it names none. Raises `NotFound` for
    an organization that the tenant does not have."""
    of = request.args.get("of", DRAFT)
    known = of in (DRAFT, PUBLISHED) or (of.isdecimal() and len(of) < 10)
    wanted = of if known else DRAFT
    if organization_id is None:
        return Source(request.args.get("subject") or OF_TENANT, wanted)
    with read(admin.tenant.id) as session:
        if organizations.get(session, organization_id) is None:
            raise NotFound("organization")
    return Source(organization_id, wanted)


def _drawn(tenant: Tenant, screen: str, source: Source) -> str:
    shown = preview_source.previewed(tenant, source)
    choices = preview_column.choices_of(shown, request.args)
    files = preview_files.base_of(shown, choices.theme)
    try:
        return preview_drawing.draw(shown, screen, choices, files)
    except preview_drawing.NoSuchPreview:
        raise NotFound("screen") from None
