"""The roles that members of organizations may have."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.stopped import stopped
from app.database import read, write
from app.directory import required_factors, roles
from app.directory.errors import BadValue, NotFound, Refused, Taken
from app.directory.roles import Role, RoleInUse
from app.flow.screen import Text

_SECTION = "roles"
_ALL = "/<tenant_slug>/roles"


class NewRole(Form):
    """What a new role needs."""

    name = StringField("console.roles.name", validators=[Needed(), AtMost(80)])
    key = StringField(
        "console.roles.key",
        validators=[Needed(), AtMost(40)],
        description="console.roles.key_hint",
    )
    mfa_required = BooleanField("console.roles.mfa", description="console.roles.mfa_hint")


@blueprint.get(_ALL)
@for_admin("role.read")
def list_roles(admin: Admin) -> Response:
    """Every role, with how many members have it."""
    with read(admin.tenant.id) as session:
        rows = [(each, roles.holders(session, each.key)) for each in roles.list_roles(session)]
    rules = admin.tenant.settings.organizations
    given = {
        rules.default_role: "console.roles.default",
        rules.creator_role: "console.roles.creator",
    }
    return draw(admin, "roles/list", section=_SECTION, rows=rows, given=given)


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("role.create")
def create_role(admin: Admin) -> Response:
    """Make a role."""
    form = NewRole(request.form)
    if request.method == "POST" and form.validate() and _is_made(admin, form):
        return done(admin, "/roles", "console.roles.created")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "roles/new", section=_SECTION, form=form, status=status)


@blueprint.post(f"{_ALL}/<role_key>/mfa")
@for_admin("role.require_mfa")
def require_role_mfa(admin: Admin, role_key: str) -> Response:
    """Ask a second factor of whoever acts with it, or no more."""
    required = request.form.get("required") == "yes"
    with write(admin.tenant.id) as session:
        required_factors.of_role(session, admin.actor, role_key, required=required)
    return done(admin, "/roles", "console.roles.changed")


@blueprint.route(f"{_ALL}/<role_key>/remove", methods=["GET", "POST"])
@for_admin("role.delete")
def delete_role(admin: Admin, role_key: str) -> Response:
    """Ask once, then delete a role that nobody has."""
    role = _role(admin, role_key)
    values: dict[str, str | int] = {"name": role.name}
    if request.method != "POST":
        return confirm(admin, _SECTION, Text("console.roles.remove", values), back="/roles")
    try:
        with write(admin.tenant.id) as session:
            roles.delete_role(session, admin.actor, role_key)
    except RoleInUse as refusal:
        title = Text("console.roles.in_use", values)
        return stopped(admin, _SECTION, title, str(refusal), back="/roles")
    return done(admin, "/roles", "console.roles.removed")


def _is_made(admin: Admin, form: NewRole) -> bool:
    key = str(form.key.data)
    try:
        with write(admin.tenant.id) as session:
            roles.create_role(session, admin.actor, key, str(form.name.data))
            if form.mfa_required.data:
                required_factors.of_role(session, admin.actor, key, required=True)
    except Refused as refusal:
        form.refuse_as(BadValue("key", str(refusal)) if isinstance(refusal, Taken) else refusal)
        return False
    return True


def _role(admin: Admin, key: str) -> Role:
    with read(admin.tenant.id) as session:
        found = next((each for each in roles.list_roles(session) if each.key == key), None)
    if found is None:
        raise NotFound("role")
    return found
