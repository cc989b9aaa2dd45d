"""Who belongs to an organization, with which roles."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import StringField

from app.addresses import BadAddress, parse_email
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.organization_frame import SECTION, draw_within, organization_of, path_of
from app.console.role_field import offer, roles_field
from app.database import Session, read, write
from app.directory import members, organizations, people, reach, roles
from app.directory.errors import BadValue, NotFound, Refused
from app.directory.members import Member
from app.directory.organizations import Organization
from app.flow.screen import Text

_ALL = "/<tenant_slug>/organizations/<organization_id>/members"
_ONE = f"{_ALL}/<user_id>"


class NewMember(Form):
    """Somebody who has an account already."""

    who = StringField(
        "console.members.who",
        validators=[Needed(), AtMost(320)],
        description="console.members.who_hint",
    )
    roles = roles_field("console.members.roles")


class MemberRoles(Form):
    """Which roles a member has."""

    roles = roles_field("console.members.roles", "console.members.roles_hint")


@blueprint.get(_ALL)
@for_admin("member.read")
def list_members(admin: Admin, organization_id: str) -> Response:
    """The members, or those that a search finds."""
    organization = organization_of(admin, organization_id)
    sought = request.args.get("q", "").strip()[:100]
    with read(admin.tenant.id) as session:
        page = members.list_page(session, organization.id, request.args.get("after"), text=sought)
        names = {each.key: each.name for each in roles.list_roles(session)}
    return draw_within(
        admin,
        organization,
        "members",
        "organizations/members",
        page=page,
        sought=sought,
        role_names=names,
    )


@blueprint.route(f"{_ALL}/add", methods=["GET", "POST"])
@for_admin("organization.join")
def add_member(admin: Admin, organization_id: str) -> Response:
    """Make a member of somebody who has an account; others are invited."""
    organization = organization_of(admin, organization_id)
    default = [admin.tenant.settings.organizations.default_role]
    form = NewMember(request.form, data={"roles": default})
    offer(admin, form.roles)
    if request.method == "POST" and form.validate() and _is_added(admin, organization, form):
        return done(admin, f"{path_of(organization)}/members", "console.members.added")
    status = 422 if request.method == "POST" else 200
    return draw_within(
        admin,
        organization,
        "members",
        "organizations/add_member",
        title=Text("console.members.add"),
        form=form,
        status=status,
    )


@blueprint.route(_ONE, methods=["GET", "POST"])
@for_admin("organization.change_roles")
def change_member(admin: Admin, organization_id: str, user_id: str) -> Response:
    """The roles of a member."""
    organization = organization_of(admin, organization_id)
    member = _member(admin, organization, user_id)
    form = MemberRoles(request.form, data={"roles": list(member.roles)})
    offer(admin, form.roles)
    if (
        request.method == "POST"
        and form.validate()
        and _is_changed(admin, organization, form, user_id)
    ):
        return done(admin, f"{path_of(organization)}/members", "console.members.changed")
    status = 422 if request.method == "POST" else 200
    return draw_within(
        admin,
        organization,
        "members",
        "organizations/member",
        title=Text("console.members.one", {"name": member.display_name or member.email or ""}),
        member=member,
        form=form,
        is_beyond=_is_beyond(admin, member),
        status=status,
    )


@blueprint.route(f"{_ONE}/remove", methods=["GET", "POST"])
@for_admin("organization.leave")
def remove_member(admin: Admin, organization_id: str, user_id: str) -> Response:
    """Ask once, then end the membership."""
    organization = organization_of(admin, organization_id)
    member, back = _member(admin, organization, user_id), f"{path_of(organization)}/members"
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            organizations.leave(session, admin.actor, organization.id, user_id)
        return done(admin, back, "console.members.removed")
    who = member.email or member.display_name or member.user_id
    about = Text("console.members.remove", {"who": who, "organization": organization.name})
    return confirm(admin, SECTION, about, back=back)


def _is_added(admin: Admin, organization: Organization, form: NewMember) -> bool:
    try:
        with write(admin.tenant.id) as session:
            user_id = _called(session, str(form.who.data))
            joined = organizations.join(
                session, admin.actor, organization.id, user_id, form.roles.data or []
            )
    except Refused as refusal:
        form.refuse_as(refusal)
        return False
    if not joined:
        form.refuse("who", "console.members.there_already")
    return joined


def _is_changed(admin: Admin, organization: Organization, form: MemberRoles, user_id: str) -> bool:
    try:
        with write(admin.tenant.id) as session:
            organizations.change_roles(
                session, admin.actor, organization.id, user_id, form.roles.data or []
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True


def _called(session: Session, text: str) -> str:
    """The id of the user whom an address or an id names; raises `BadValue`."""
    wanted = text.strip()
    if wanted.startswith("usr_"):
        found = people.snapshot_of(session, wanted)
    else:
        found = _by_email(session, wanted)
    if found is None or found.status != "active":
        raise BadValue("who", "Nobody active here has this address or id. Invite them instead.")
    return found.user_id


def _by_email(session: Session, text: str) -> people.Person | None:
    try:
        return people.find_by_email(session, parse_email(text).key)
    except BadAddress:
        return None


def _member(admin: Admin, organization: Organization, user_id: str) -> Member:
    with read(admin.tenant.id) as session:
        found = members.find(session, organization.id, user_id)
    if found is None:
        raise NotFound("member")
    return found


def _is_beyond(admin: Admin, member: Member) -> bool:
    with read(admin.tenant.id) as session:
        return reach.beyond(admin.actor, session) in member.roles
