"""Organizations: the list, a new one, its page, its name and place, and its end."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from app import tenancy
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.json_field import JsonObject, as_text
from app.console.organization_frame import SECTION, draw_within, organization_of, path_of
from app.console.stopped import stopped
from app.database import EVERYWHERE, Session, read, write
from app.directory import (
    admins,
    connections,
    domain_claims,
    organization_holdings,
    organization_list,
    organizations,
    organizations_policy,
)
from app.directory.errors import BadValue, Refused, Taken
from app.directory.organizations import Organization, OrganizationChanges
from app.flow.screen import Text

_ALL = "/<tenant_slug>/organizations"
_ONE = f"{_ALL}/<organization_id>"


class NewOrganization(Form):
    """What a new organization needs."""

    name = StringField("console.organizations.name", validators=[Needed(), AtMost(80)])
    slug = StringField(
        "console.organizations.slug",
        validators=[AtMost(63)],
        description="console.organizations.slug_hint",
    )
    parent = StringField(
        "console.organizations.parent",
        validators=[AtMost(100)],
        description="console.organizations.parent_hint",
    )
    is_joinable = BooleanField(
        "console.organizations.is_joinable", description="console.organizations.is_joinable_hint"
    )


class EditOrganization(NewOrganization):
    """What of an organization may change."""

    slug = StringField(
        "console.organizations.slug",
        validators=[Needed(), AtMost(63)],
        description="console.organizations.slug_change_hint",
    )
    public_metadata = TextAreaField(
        "console.organizations.public_metadata",
        validators=[JsonObject()],
        description="console.organizations.public_metadata_hint",
    )
    private_metadata = TextAreaField(
        "console.organizations.private_metadata",
        validators=[JsonObject()],
        description="console.organizations.private_metadata_hint",
    )
    row_version = HiddenField()


@blueprint.get(_ALL)
@for_admin("organization.read")
def list_organizations(admin: Admin) -> Response:
    """Every organization, or those that a search finds."""
    sought = request.args.get("q", "").strip()[:100]
    with read(admin.tenant.id) as session:
        page = organization_list.search(session, sought, after=request.args.get("after"))
    return draw(admin, "organizations/list", section=SECTION, page=page, sought=sought)


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("organization.create")
def create_organization(admin: Admin) -> Response:
    """Make one, and go on to its page."""
    form = NewOrganization(request.form, parent=request.args.get("parent", ""))
    made = _made(admin, form) if request.method == "POST" and form.validate() else None
    if made is not None:
        return done(admin, f"/organizations/{made}", "console.organizations.created")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "organizations/new", section=SECTION, form=form, status=status)


@blueprint.get(_ONE)
@for_admin("organization.read")
def show_organization(admin: Admin, organization_id: str) -> Response:
    """What it is, what it has, and what comes next."""
    organization = organization_of(admin, organization_id)
    with read(admin.tenant.id) as session:
        facts: dict[str, Any] = {
            "holdings": organization_holdings.count(session, organization.id),
            "policy": organizations_policy.load(session, organization.id),
            "domains": domain_claims.list_all(session, organization.id),
            "connections": connections.list_all(session, organization.id),
            "below": () if admin.organization_id else _below(session, organization),
        }
    return draw_within(admin, organization, "show", "organizations/show", **facts)


@blueprint.route(f"{_ONE}/edit", methods=["GET", "POST"])
@for_admin("organization.update")
def edit_organization(admin: Admin, organization_id: str) -> Response:
    """Its name, slug, place and metadata."""
    organization = organization_of(admin, organization_id)
    form = EditOrganization(request.form, data=_as_data(admin, organization))
    if request.method == "POST" and form.validate() and _is_changed(admin, organization, form):
        return done(admin, path_of(organization), "console.organizations.changed")
    status = 422 if request.method == "POST" else 200
    return draw_within(admin, organization, "show", "organizations/edit", form=form, status=status)


@blueprint.route(f"{_ONE}/disable", methods=["GET", "POST"])
@for_admin("organization.disable")
def disable_organization(admin: Admin, organization_id: str) -> Response:
    """Ask once, then let nobody act for it."""
    organization = organization_of(admin, organization_id)
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            organizations.disable(session, admin.actor, organization.id)
        return done(admin, path_of(organization), "console.organizations.disabled")
    about = Text("console.organizations.disable", {"name": organization.name})
    return confirm(admin, SECTION, about, back=path_of(organization))


@blueprint.post(f"{_ONE}/enable")
@for_admin("organization.enable")
def enable_organization(admin: Admin, organization_id: str) -> Response:
    """Let members act for it again."""
    organization = organization_of(admin, organization_id)
    with write(admin.tenant.id) as session:
        organizations.enable(session, admin.actor, organization.id)
    return done(admin, path_of(organization), "console.organizations.enabled")


@blueprint.route(f"{_ONE}/remove", methods=["GET", "POST"])
@for_admin("organization.remove", fresh=True)
def remove_organization(admin: Admin, organization_id: str) -> Response:
    """Say what goes with it, ask once, then remove it."""
    organization = organization_of(admin, organization_id)
    with read(admin.tenant.id) as session:
        held = organization_holdings.count(session, organization.id)
    if held.below:
        title = Text("console.organizations.not_removed", {"name": organization.name})
        why = Text("console.organizations.not_removed_why")
        return stopped(admin, SECTION, title, why, back=path_of(organization))
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            organizations.remove(session, admin.actor, organization.id)
        with write(EVERYWHERE) as session:
            admins.forget_organization(
                session,
                admin.actor,
                tenancy.current(),
                administered_id=admin.tenant.id,
                organization_id=organization.id,
            )
        return done(admin, "/organizations", "console.organizations.removed")
    values: dict[str, str | int] = {
        "name": organization.name,
        "members": held.members,
        "invitations": held.invitations,
        "domains": held.domains,
        "connections": held.connections,
    }
    about = Text("console.organizations.remove", values)
    return confirm(admin, SECTION, about, back=path_of(organization))


def _below(session: Session, organization: Organization) -> tuple[organization_list.Summary, ...]:
    return organization_list.search(session, parent_id=organization.id, limit=20).items


def _made(admin: Admin, form: NewOrganization) -> str | None:
    """The id of the new organization; None where the form now says what is wrong."""
    try:
        with write(admin.tenant.id) as session:
            return organizations.create(
                session,
                admin.actor,
                name=str(form.name.data),
                slug=form.slug.data or None,
                parent_id=_parent(session, form),
                is_joinable=bool(form.is_joinable.data),
            )
    except Refused as refusal:
        _refuse(form, refusal)
        return None


def _is_changed(admin: Admin, organization: Organization, form: EditOrganization) -> bool:
    version = str(form.row_version.data)
    try:
        with write(admin.tenant.id) as session:
            changed: OrganizationChanges = {
                "name": str(form.name.data),
                "slug": str(form.slug.data),
                "parent_id": _parent(session, form),
                "is_joinable": bool(form.is_joinable.data),
                "public_metadata": JsonObject.read(form.public_metadata),
                "private_metadata": JsonObject.read(form.private_metadata),
            }
            organizations.update(
                session,
                admin.actor,
                organization.id,
                row_version=int(version) if version.isdigit() else 0,
                **changed,
            )
    except (BadValue, Taken) as refusal:
        _refuse(form, refusal)
        return False
    return True


def _parent(session: Session, form: NewOrganization) -> str | None:
    """The id of the organization that was named; raises `BadValue`."""
    named = (form.parent.data or "").strip()
    if not named:
        return None
    found = organizations.by_slug_or_id(session, named)
    if found is None:
        raise BadValue("parent", "There is no such organization.")
    return found.id


def _refuse(form: Form, refusal: Refused) -> None:
    field = refusal.field if isinstance(refusal, BadValue) else None
    if isinstance(refusal, Taken):
        field = "slug"
    form.refuse("parent" if field == "parent_id" else field, str(refusal))


def _as_data(admin: Admin, organization: Organization) -> dict[str, Any]:
    parent = organization.parent_id and organization_of(admin, organization.parent_id).slug
    return {
        "name": organization.name,
        "slug": organization.slug,
        "parent": parent or "",
        "is_joinable": organization.is_joinable,
        "public_metadata": as_text(organization.public_metadata),
        "private_metadata": as_text(organization.private_metadata),
        "row_version": str(organization.row_version),
    }
