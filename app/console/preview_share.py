"""Links to a preview for people without an account: made and ended here, opened in
`preview_by_link`."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import NumberRange

from app.console import preview_by_link, preview_source
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.form import Form, Needed
from app.console.preview import source_of_request
from app.database import read, write
from app.directory import preview_links
from app.directory.errors import BadValue
from app.directory.preview_links import DAYS, MOST_DAYS
from app.flow.screen import Text

_PATH = "/preview-links"


class Share(Form):
    """For how long."""

    days = IntegerField(
        "console.share.days",
        [Needed(), NumberRange(1, MOST_DAYS, "console.share.days_range")],
        description="console.share.days_hint",
        default=DAYS,
    )


@blueprint.get("/<tenant_slug>/preview-links")
@for_admin("brand.read")
def share_preview(admin: Admin) -> Response:
    """The links that are good, and a form for another one."""
    return _page(admin, Share())


@blueprint.post("/<tenant_slug>/preview-links")
@for_admin("preview.share")
def make_preview_link(admin: Admin) -> Response:
    """Make a link to the look that the address names, as it is now; the page shows it once."""
    form = Share(request.form)
    if not form.validate():
        return _page(admin, form, status=422)
    source = source_of_request(admin)
    revision, look = preview_source.look_of(admin.tenant, source)
    days = form.days.data or DAYS
    try:
        with write(admin.tenant.id) as session:
            made = preview_links.create(session, admin.actor, source.subject, revision, look, days)
    except BadValue as refusal:
        form.refuse_as(refusal)
        return _page(admin, form, status=422)
    return _page(admin, Share(), made=preview_by_link.url_of(admin.tenant, made))


@blueprint.post("/<tenant_slug>/preview-links/<preview_link_id>/revoke")
@for_admin("preview.revoke")
def revoke_preview_link(admin: Admin, preview_link_id: str) -> Response:
    """End a link now."""
    with write(admin.tenant.id) as session:
        preview_links.revoke(session, admin.actor, preview_link_id)
    return done(admin, _PATH, "console.share.revoked")


def _page(admin: Admin, form: Share, *, made: str = "", status: int = 200) -> Response:
    with read(admin.tenant.id) as session:
        links = preview_links.list_good(session)
    return draw(
        admin,
        "branding/share",
        section="branding",
        title=Text("console.share.title"),
        status=status,
        form=form,
        links=links,
        made=made,
        may_share=admin.may("preview.share"),
    )
