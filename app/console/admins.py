"""Who administers a tenant: the list, roles given to an address, and roles taken back."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import EmailField, RadioField, StringField

from app import tenancy
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.database import EVERYWHERE, read, write
from app.directory import admin_invitations, admins, called, organizations, setup_access
from app.directory.admins import AdminRole
from app.directory.errors import BadValue, Refused
from app.directory.permissions import ORGANIZATION_ADMIN, ROLES
from app.flow.screen import Text

_SECTION = "admins"
_ROLES = (*ROLES, ORGANIZATION_ADMIN)


class GrantRole(Form):
    """An address, and what its owner may do."""

    email = EmailField("console.admins.email", validators=[Needed(), AtMost(320)])
    role = RadioField(
        "console.admins.role",
        choices=choices((role, f"console.role.{role}") for role in _ROLES),
        default="viewer",
        validators=[OneOf(_ROLES)],
        description="console.admins.role_hint",
    )
    organization = StringField(
        "console.admins.organization",
        validators=[AtMost(100)],
        description="console.admins.organization_hint",
    )


@blueprint.get("/<tenant_slug>/admins")
@for_admin("admin.read")
def list_admins(admin: Admin) -> Response:
    """Everybody with a role here."""
    with read(EVERYWHERE) as session:
        found = admins.list_of(session, tenancy.current(), admin.tenant.id)
    with read(admin.tenant.id) as session:
        names = called.names_of(session, (each.organization_id for each in found))
    return draw(admin, "admins/list", section=_SECTION, admins=found, names=names)


@blueprint.route("/<tenant_slug>/admins/new", methods=["GET", "POST"])
@for_admin("admin.grant", fresh=True)
def grant_role(admin: Admin) -> Response:
    """Give a role to an address; who is new at the console gets an invitation by mail."""
    form = GrantRole(request.form)
    if request.method == "POST" and form.validate() and _is_granted(admin, form):
        return done(admin, "/admins", "console.admins.granted")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "admins/new", section=_SECTION, form=form, status=status)


@blueprint.route("/<tenant_slug>/admins/<admin_role_id>/revoke", methods=["GET", "POST"])
@for_admin("admin.revoke", fresh=True)
def revoke_role(admin: Admin, admin_role_id: str) -> Response:
    """Ask once, then take the role back."""
    console = tenancy.current()
    with read(EVERYWHERE) as session:
        found = admins.get(session, console, admin_role_id, administered_id=admin.tenant.id)
    if request.method == "POST":
        with write(EVERYWHERE) as session:
            gone = admins.revoke(
                session, admin.actor, console, admin_role_id, administered_id=admin.tenant.id
            )
        _end_links_of(admin, gone)
        return done(admin, "/admins", "console.admins.revoked")
    about = Text("console.admins.revoke", {"email": found.email})
    return confirm(admin, _SECTION, about, back="/admins")


def _end_links_of(admin: Admin, gone: AdminRole) -> None:
    """The links that the former admin of an organization handed out end with the role."""
    with write(admin.tenant.id) as session:
        for link in setup_access.list_links(session, admin.tenant):
            is_theirs = link.created_by == f"admin:{gone.user_id}"
            if is_theirs and link.organization_id == gone.organization_id:
                setup_access.revoke_link(session, admin.actor, admin.tenant, link.id)


def _is_granted(admin: Admin, form: GrantRole) -> bool:
    console, email, role = tenancy.current(), str(form.email.data), str(form.role.data)
    try:
        of = _organization(admin, form) if role == ORGANIZATION_ADMIN else None
        with write(EVERYWHERE) as session:
            given = admins.grant(
                session,
                admin.actor,
                console,
                email,
                role,
                administered_id=admin.tenant.id,
                organization_id=of,
            )
        if given.user_id is None:
            admin_invitations.send(console, admin.actor, given.email)
    except Refused as refusal:
        form.refuse_as(refusal)
        return False
    return True


def _organization(admin: Admin, form: GrantRole) -> str:
    """The id of the organization that is named; raises `BadValue`."""
    named = str(form.organization.data or "").strip()
    with read(admin.tenant.id) as session:
        found = organizations.by_slug_or_id(session, named) if named else None
    if found is None:
        raise BadValue("organization", "Name one organization of this tenant by its slug or id.")
    return found.id
