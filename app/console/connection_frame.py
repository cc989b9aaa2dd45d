"""What the pages about connections have in common: those of the whole tenant stand below
`/connections`, those of an organization below it."""

from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from app.console.door import Admin, draw
from app.console.organization_frame import draw_within, organization_of, path_of
from app.database import read
from app.directory import connections
from app.directory.connections import Connection
from app.directory.errors import NotFound
from app.directory.organizations import Organization
from app.flow.screen import Text
from app.setup import connecting
from app.setup.access import Acting
from app.setup.connecting import Place

OF_TENANT = "/<tenant_slug>/connections"
OF_ORGANIZATION = "/<tenant_slug>/organizations/<organization_id>/connections"


@dataclass(frozen=True)
class Desk:
    """Whose connections a page is about."""

    admin: Admin
    organization: Organization | None
    """None for those of the whole tenant."""

    @property
    def acting(self) -> Acting:
        """The admin, as whoever connects providers."""
        return Acting(self.admin.tenant, self.admin.actor, self.organization)

    @property
    def path(self) -> str:
        """Where they are listed, behind the tenant's slug."""
        return f"{path_of(self.organization)}/connections" if self.organization else "/connections"

    @property
    def section(self) -> str:
        """Their place in the navigation."""
        return "organizations" if self.organization else "connections"

    def draw(
        self, template: str, title: Text | None = None, status: int = 200, **context: Any
    ) -> Response:
        """A page about them; without a title it has that of the list."""
        name = f"connections/{template}"
        context["all_of_them"] = self.path
        if self.organization is not None:
            return draw_within(
                self.admin,
                self.organization,
                "connections",
                name,
                title=title,
                status=status,
                **context,
            )
        named = title or Text("console.connections.title")
        context["organization"] = None
        return draw(self.admin, name, section=self.section, title=named, status=status, **context)


def desk_of(admin: Admin, organization_id: str | None) -> Desk:
    """Whose connections the address is about; raises `NotFound`."""
    return Desk(admin, organization_of(admin, organization_id) if organization_id else None)


def place_of(desk: Desk, connection_id: str) -> Place:
    """The connection, or where it will be; raises `NotFound`, also for one of another organization,
    and for an organization's among those of the tenant (X02)."""
    return connecting.place(desk.acting, connection_id)


def connection_of(desk: Desk, connection_id: str) -> Connection:
    """The connection, which is there already; raises `NotFound` like `place_of`."""
    with read(desk.admin.tenant.id) as session:
        found = connections.get(session, connection_id)
    if found is None or found.organization_id != desk.acting.organization_id:
        raise NotFound("connection")
    return found
