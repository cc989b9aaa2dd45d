"""Invitations: places in organizations that wait for the owner of an address."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import EmailField, IntegerField, SelectField
from wtforms.validators import NumberRange
from wtforms.widgets import NumberInput

from app import text
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed, choices
from app.console.organization_frame import SECTION, draw_within, organization_of, path_of
from app.console.role_field import offer, roles_field
from app.console.stopped import stopped
from app.database import read, write
from app.directory import invitations
from app.directory.errors import BadValue, NotFound
from app.directory.invitations import LIVES, Invitation
from app.directory.organizations import Organization
from app.flow.screen import Text

_DAY = 86_400
_OF_ALL = "/<tenant_slug>/invitations"
_ALL = "/<tenant_slug>/organizations/<organization_id>/invitations"
_ONE = f"{_ALL}/<invitation_id>"


class NewInvitation(Form):
    """Whom to invite, as what, and for how long."""

    email = EmailField("console.invitations.email", validators=[Needed(), AtMost(320)])
    roles = roles_field("console.invitations.roles", "console.invitations.roles_hint")
    locale = SelectField(
        "console.invitations.locale",
        default="",
        description="console.invitations.locale_hint",
    )
    days = IntegerField(
        "console.invitations.days",
        default=LIVES // _DAY,
        widget=NumberInput(min=1, max=90),
        validators=[NumberRange(1, 90, "console.invitations.days_wrong")],
    )


@blueprint.get(_OF_ALL)
@for_admin("member.read")
def list_all_invitations(admin: Admin) -> Response:
    """Every invitation of the tenant, or those to an address."""
    sought = _sought()
    with read(admin.tenant.id) as session:
        page = invitations.list_page(
            session, admin.tenant, after=request.args.get("after"), text=sought
        )
    return draw(admin, "invitations/list", section=SECTION, page=page, sought=sought)


@blueprint.get(_ALL)
@for_admin("member.read")
def list_invitations(admin: Admin, organization_id: str) -> Response:
    """Those to one organization."""
    organization, sought = organization_of(admin, organization_id), _sought()
    with read(admin.tenant.id) as session:
        page = invitations.list_page(
            session, admin.tenant, organization.id, request.args.get("after"), text=sought
        )
    return draw_within(
        admin, organization, "invitations", "organizations/invitations", page=page, sought=sought
    )


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("invitation.create")
def invite(admin: Admin, organization_id: str) -> Response:
    """Invite somebody by a mail."""
    organization = organization_of(admin, organization_id)
    default = [admin.tenant.settings.organizations.default_role]
    form = NewInvitation(request.form, data={"roles": default, "days": LIVES // _DAY})
    offer(admin, form.roles)
    locales = admin.tenant.settings.texts.locales
    form.locale.choices = choices(
        (
            ("", "console.invitations.locale_own"),
            *((each, text.language_name(each)) for each in locales),
        )
    )
    if request.method == "POST" and form.validate() and _is_sent(admin, organization, form):
        return done(admin, f"{path_of(organization)}/invitations", "console.invitations.sent")
    return draw_within(
        admin,
        organization,
        "invitations",
        "organizations/invite",
        title=Text("console.invitations.invite"),
        form=form,
        status=422 if request.method == "POST" else 200,
    )


@blueprint.post(f"{_ONE}/resend")
@for_admin("invitation.create")
def resend_invitation(admin: Admin, organization_id: str, invitation_id: str) -> Response:
    """Send it once more; the links before it are void."""
    organization, found = _invitation(admin, organization_id, invitation_id)
    back = f"{path_of(organization)}/invitations"
    try:
        with write(admin.tenant.id) as session:
            invitations.invite_again(session, admin.actor, admin.tenant, found.id)
    except BadValue as refusal:
        title = Text("console.invitations.not_again", {"email": found.email})
        return stopped(admin, SECTION, title, str(refusal), back=back)
    return done(admin, back, "console.invitations.sent_again")


@blueprint.route(f"{_ONE}/revoke", methods=["GET", "POST"])
@for_admin("invitation.revoke")
def revoke_invitation(admin: Admin, organization_id: str, invitation_id: str) -> Response:
    """Ask once, then take it back."""
    organization, found = _invitation(admin, organization_id, invitation_id)
    back = f"{path_of(organization)}/invitations"
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            invitations.revoke(session, admin.actor, found.id)
        return done(admin, back, "console.invitations.revoked")
    return confirm(
        admin, SECTION, Text("console.invitations.revoke", {"email": found.email}), back=back
    )


def _sought() -> str:
    return request.args.get("q", "").strip()[:100]


def _is_sent(admin: Admin, organization: Organization, form: NewInvitation) -> bool:
    try:
        with write(admin.tenant.id) as session:
            invitations.invite(
                session,
                admin.actor,
                admin.tenant,
                organization.id,
                str(form.email.data),
                roles=form.roles.data or (),
                locale=form.locale.data or None,
                lives=int(form.days.data or 0) * _DAY,
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True


def _invitation(
    admin: Admin, organization_id: str, invitation_id: str
) -> tuple[Organization, Invitation]:
    """The invitation to just this organization; raises `NotFound` (X02)."""
    organization = organization_of(admin, organization_id)
    with read(admin.tenant.id) as session:
        found = invitations.get(session, admin.tenant, invitation_id)
    if found is None or found.organization_id != organization.id:
        raise NotFound("invitation")
    return organization, found
