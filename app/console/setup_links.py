"""Links by which a customer's IT admin connects their own provider."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import NumberRange
from wtforms.widgets import NumberInput

from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.form import Form
from app.console.organization_frame import SECTION, draw_within, organization_of, path_of
from app.database import read, write
from app.directory import setup_access
from app.directory.errors import NotFound
from app.directory.setup_access import LINK_LIVES
from app.flow.screen import Text

_DAY = 86_400
_ALL = "/<tenant_slug>/organizations/<organization_id>/setup-links"


class NewLink(Form):
    """How long the link waits to be opened."""

    days = IntegerField(
        "console.setup_links.days",
        default=LINK_LIVES // _DAY,
        description="console.setup_links.days_hint",
        widget=NumberInput(min=1, max=30),
        validators=[NumberRange(1, 30, "console.setup_links.days_wrong")],
    )


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("setup_link.create", fresh=True)
def create_setup_link(admin: Admin, organization_id: str) -> Response:
    """Make a link; it is shown on the answer to this one request, and never again."""
    organization = organization_of(admin, organization_id)
    form, link = NewLink(request.form), None
    if request.method == "POST" and form.validate():
        lives = int(form.days.data or 0) * _DAY
        with write(admin.tenant.id) as session:
            _, token = setup_access.create_link(
                session, admin.actor, admin.tenant, organization.id, lives
            )
        link = f"{admin.tenant.base_url}/setup?token={token}"
    return draw_within(
        admin,
        organization,
        "connections",
        "organizations/setup_link",
        title=Text("console.setup_links.new"),
        form=form,
        link=link,
        status=422 if request.method == "POST" and link is None else 200,
    )


@blueprint.route(f"{_ALL}/<link_id>/revoke", methods=["GET", "POST"])
@for_admin("setup_link.create")
def revoke_setup_link(admin: Admin, organization_id: str, link_id: str) -> Response:
    """Ask once, then let nobody in by it any more."""
    organization = organization_of(admin, organization_id)
    back = f"{path_of(organization)}/connections"
    with read(admin.tenant.id) as session:
        links = setup_access.list_links(session, admin.tenant)
    if not any(e.id == link_id and e.organization_id == organization.id for e in links):
        raise NotFound("setup link")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            setup_access.revoke_link(session, admin.actor, admin.tenant, link_id)
        return done(admin, back, "console.setup_links.revoked")
    about = Text("console.setup_links.revoke", {"organization": organization.name})
    return confirm(admin, SECTION, about, back=back)
