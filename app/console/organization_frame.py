"""What the pages about one organization have in common: the organization, and its tabs."""

from typing import Any

from werkzeug.wrappers import Response

from app.console.door import Admin, draw
from app.database import read
from app.directory import organizations
from app.directory.errors import NotFound
from app.directory.organizations import Organization
from app.flow.screen import Text

SECTION = "organizations"
TABS = {
    "show": ("", "organization.read"),
    "members": ("/members", "member.read"),
    "invitations": ("/invitations", "member.read"),
    "domains": ("/domains", "organization.read"),
    "connections": ("/connections", "connection.read"),
    "policy": ("/policy", "organization.read"),
    "branding": ("/branding", "brand.read"),
}
"""The tabs in their order: where each is below the organization, and who sees it."""


def organization_of(admin: Admin, organization_id: str) -> Organization:
    """The organization of the address; raises `NotFound`."""
    with read(admin.tenant.id) as session:
        found = organizations.get(session, organization_id)
    if found is None:
        raise NotFound("organization")
    return found


def draw_within(
    admin: Admin,
    organization: Organization,
    tab: str,
    template: str,
    *,
    title: Text | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page below the heading and the tabs of an organization; without a title it has that of its
    tab."""
    tabs = [
        (f"{path_of(organization)}{path}", f"console.organizations.tab.{name}", name == tab)
        for name, (path, permission) in TABS.items()
        if admin.may(permission)
    ]
    named = title or Text(f"console.organizations.{tab}.title", {"name": organization.name})
    return draw(
        admin,
        template,
        section=SECTION,
        title=named,
        status=status,
        organization=organization,
        above=_above(admin, organization),
        tabs_of_it=tabs,
        here=path_of(organization),
        **context,
    )


def path_of(organization: Organization) -> str:
    """Where its pages are, behind the tenant's slug."""
    return f"/organizations/{organization.id}"


def _above(admin: Admin, organization: Organization) -> Organization | None:
    """The organization above it, for whoever may look at that one."""
    if organization.parent_id is None or admin.organization_id is not None:
        return None
    return organization_of(admin, organization.parent_id)
