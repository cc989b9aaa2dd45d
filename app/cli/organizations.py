"""`authpage org`: organizations, their members, and the roles that members may have."""

from typing import Any, get_args

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import ON_OR_OFF, confirmed, for_tenant, pages
from app.cli.organizations_named import organization_called
from app.cli.output import Listing, Record, members_of, prints
from app.cli.people_named import person_called
from app.database import read, write
from app.directory import members as member_list
from app.directory import organizations, organizations_policy, required_factors, roles
from app.directory.organizations import OrganizationChanges
from app.directory.settings import Sso
from app.directory.tenants import Tenant

_named = click.argument("org", metavar="ORG")
_member = click.argument("who", metavar="USER")
_roles = click.option("--role", "role_keys", multiple=True, help="Role; may be repeated.")
group = Group("org", help="Organizations: ORG is an id or a slug.")


@group.command("create")
@click.option("--name", required=True)
@click.option("--slug", help="Made from the name where none is given.")
@click.option("--owner", metavar="USER", help="The first member, with the creator's role.")
@click.option("--joinable", is_flag=True, help="People may join by themselves at sign-up.")
@click.option("--parent", metavar="ORG", help="The organization above it.")
@prints
@for_tenant
def create(
    tenant: Tenant,
    name: str,
    slug: str | None,
    owner: str | None,
    joinable: bool,
    parent: str | None,
) -> Record:
    """Make an organization."""
    with write(tenant.id) as session:
        creator_id = person_called(session, owner).user_id if owner else None
        made = organizations.create(
            session,
            CLI,
            name=name,
            slug=slug,
            creator_id=creator_id,
            is_joinable=joinable,
            parent_id=organization_called(session, parent).id if parent else None,
        )
    return _shown(tenant, made, "Created.")


@group.command("list")
@pages
@prints
@for_tenant
def list_(tenant: Tenant, after: str | None, limit: int) -> Listing:
    """List organizations, newest first."""
    with read(tenant.id) as session:
        page = organizations.list_page(session, after, limit)
    columns = ("id", "slug", "name", "status", "is_joinable")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("show")
@_named
@prints
@for_tenant
def show(tenant: Tenant, org: str) -> Record:
    """Show one organization."""
    return _shown(tenant, org)


@group.command("update")
@_named
@click.option("--name")
@click.option("--slug", help="Applications may name the organization by it.")
@click.option("--parent", metavar="ORG", help="The organization above it; `none`: no more.")
@click.option("--joinable/--not-joinable", default=None)
@prints
@for_tenant
def update(
    tenant: Tenant,
    org: str,
    name: str | None,
    slug: str | None,
    parent: str | None,
    joinable: bool | None,
) -> Record:
    """Change what is given."""
    changed: OrganizationChanges = {}
    if name is not None:
        changed["name"] = name
    if slug is not None:
        changed["slug"] = slug
    if joinable is not None:
        changed["is_joinable"] = joinable
    with write(tenant.id) as session:
        found = organization_called(session, org)
        if parent is not None:
            is_none = parent == "none"
            changed["parent_id"] = None if is_none else organization_called(session, parent).id
        organizations.update(session, CLI, found.id, **changed)
    return _shown(tenant, found.id, "Changed.")


@group.command("disable")
@_named
@prints
@for_tenant
def disable(tenant: Tenant, org: str) -> Record:
    """Let nobody act for an organization; its members stay."""
    with write(tenant.id) as session:
        organizations.disable(session, CLI, organization_called(session, org).id)
    return _shown(tenant, org, "Disabled.")


@group.command("enable")
@_named
@prints
@for_tenant
def enable(tenant: Tenant, org: str) -> Record:
    """Let members act for an organization again."""
    with write(tenant.id) as session:
        organizations.enable(session, CLI, organization_called(session, org).id)
    return _shown(tenant, org, "Enabled.")


@group.command("remove")
@_named
@confirmed("Remove this organization with its memberships?")
@prints
@for_tenant
def remove(tenant: Tenant, org: str) -> Record:
    """Remove an organization for good; its members stay users."""
    with write(tenant.id) as session:
        found = organization_called(session, org)
        organizations.remove(session, CLI, found.id)
    return Record({"id": found.id, "slug": found.slug, "status": "removed"}, "Removed.")


@group.command("members")
@_named
@pages
@prints
@for_tenant
def members(tenant: Tenant, org: str, after: str | None, limit: int) -> Listing:
    """List the members of an organization, newest first."""
    with read(tenant.id) as session:
        page = member_list.list_page(session, organization_called(session, org).id, after, limit)
    columns = ("user_id", "email", "display_name", "roles", "joined_at")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("join")
@_named
@_member
@_roles
@prints
@for_tenant
def join(tenant: Tenant, org: str, who: str, role_keys: tuple[str, ...]) -> Record:
    """Make a user a member, with the tenant's default role where none is given."""
    chosen = role_keys or (tenant.settings.organizations.default_role,)
    with write(tenant.id) as session:
        found = organization_called(session, org)
        user_id = person_called(session, who).user_id
        joined = organizations.join(session, CLI, found.id, user_id, chosen)
    title = "Joined." if joined else "The user is a member already; the roles stay."
    return Record({"organization_id": found.id, "user_id": user_id, "changed": joined}, title)


@group.command("roles")
@_named
@_member
@_roles
@prints
@for_tenant
def change_roles(tenant: Tenant, org: str, who: str, role_keys: tuple[str, ...]) -> Record:
    """Give a member exactly these roles."""
    with write(tenant.id) as session:
        found = organization_called(session, org)
        user_id = person_called(session, who).user_id
        organizations.change_roles(session, CLI, found.id, user_id, role_keys)
    members = {"organization_id": found.id, "user_id": user_id, "roles": list(role_keys)}
    return Record(members, "Changed.")


@group.command("leave")
@_named
@_member
@confirmed("End this membership?")
@prints
@for_tenant
def leave(tenant: Tenant, org: str, who: str) -> Record:
    """End a user's membership."""
    with write(tenant.id) as session:
        found = organization_called(session, org)
        user_id = person_called(session, who).user_id
        organizations.leave(session, CLI, found.id, user_id)
    return Record({"organization_id": found.id, "user_id": user_id}, "The membership is ended.")


@group.command("policy")
@_named
@click.option("--mfa", type=click.Choice(["required", "tenant"]), help="A second factor.")
@click.option(
    "--methods", metavar="LIST", help="The only first factors, with commas; `tenant`: all."
)
@click.option(
    "--sso",
    type=click.Choice(get_args(Sso)),
    help="Who must sign in by its connections: nobody (off, optional), members, the domain.",
)
@click.option(
    "--break-glass",
    metavar="LIST",
    help="Owners who may sign in without its connections, with commas; `none`: nobody.",
)
@prints
@for_tenant
def policy(
    tenant: Tenant,
    org: str,
    mfa: str | None,
    methods: str | None,
    sso: str | None,
    break_glass: str | None,
) -> Record:
    """Show what an organization asks beyond its tenant, or change what is given."""
    with write(tenant.id) as session:
        found = organization_called(session, org)
        before = organizations_policy.load(session, found.id)
        asked = before.model_dump()
        if mfa is not None:
            asked["mfa"] = None if mfa == "tenant" else mfa
        if methods is not None:
            asked["methods"] = None if methods == "tenant" else _listed(methods)
        if sso is not None:
            asked["sso"] = sso
        if break_glass is not None:
            people = [] if break_glass == "none" else _listed(break_glass)
            asked["break_glass"] = [person_called(session, each).user_id for each in people]
        after = organizations_policy.parse(asked)
        if after != before:
            organizations_policy.set_policy(session, CLI, found.id, after)
    asks = after.model_dump(mode="json")
    return Record({"organization_id": found.id, "slug": found.slug, **asks})


role_group = Group("role", help="The roles that members may have.")
group.add_command(role_group)


@role_group.command("list")
@prints
@for_tenant
def list_roles(tenant: Tenant) -> Listing:
    """List the tenant's roles."""
    with read(tenant.id) as session:
        found = roles.list_roles(session)
    return Listing([members_of(each) for each in found], ("key", "name", "mfa_required"))


@role_group.command("create")
@click.argument("key")
@click.option("--name", required=True)
@prints
@for_tenant
def create_role(tenant: Tenant, key: str, name: str) -> Record:
    """Make a role."""
    with write(tenant.id) as session:
        role_id = roles.create_role(session, CLI, key, name)
    return Record({"id": role_id, "key": key, "name": name}, "Created.")


@role_group.command("require-mfa")
@click.argument("key")
@click.argument("wanted", type=ON_OR_OFF)
@prints
@for_tenant
def require_mfa(tenant: Tenant, key: str, wanted: str) -> Record:
    """Ask a second factor of whoever acts with a role: on or off."""
    with write(tenant.id) as session:
        required_factors.of_role(session, CLI, key, required=wanted == "on")
    return Record({"key": key, "mfa_required": wanted == "on"}, "Changed.")


@role_group.command("remove")
@click.argument("key")
@confirmed("Remove this role?")
@prints
@for_tenant
def remove_role(tenant: Tenant, key: str) -> Record:
    """Remove a role that nobody has."""
    with write(tenant.id) as session:
        roles.delete_role(session, CLI, key)
    return Record({"key": key, "status": "removed"}, "Removed.")


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _shown(tenant: Tenant, org: str, title: str = "") -> Record:
    with read(tenant.id) as session:
        members: dict[str, Any] = members_of(organization_called(session, org))
    return Record({**members, "tenant": tenant.slug}, title)
