"""`/apps` and `/organizations`: who may act for one, and for whom one acts."""

from pydantic import BaseModel

from app.account import apps, organizations
from app.account.owner import Owner
from app.api.account.door import Body, operation
from app.api.account.shapes import Moment, Short


class App(BaseModel):
    """An app, and what the person allowed it."""

    id: str
    client_id: str
    name: str
    scopes: list[str]
    created_at: Moment


class Apps(BaseModel):
    """The apps with access, newest first."""

    items: list[App]


class Organization(BaseModel):
    """A membership."""

    id: str
    slug: str
    name: str
    roles: list[str]


class Organizations(BaseModel):
    """Where the person belongs, by name."""

    items: list[Organization]


class NewOrganization(Body):
    """An organization to be made."""

    name: Short


class Joining(Body):
    """An organization to be joined, by slug or id."""

    organization: Short


class Joined(BaseModel):
    """The organization that the person now belongs to."""

    id: str


@operation("GET", "/apps", "Apps with access", answers=Apps)
def list_apps(owner: Owner) -> Apps:
    """What the person allowed which apps."""
    return Apps(
        items=[
            App(
                id=each.id,
                client_id=each.client_id,
                name=each.client_name,
                scopes=list(each.scopes),
                created_at=each.created_at,
            )
            for each in apps.list_of(owner)
        ]
    )


@operation("DELETE", "/apps/{app_id}", "Take back what an app was allowed")
def remove_app(owner: Owner, app_id: str) -> None:
    """Its tokens end at once."""
    apps.revoke(owner, app_id)


@operation("GET", "/organizations", "Organizations", answers=Organizations)
def list_organizations(owner: Owner) -> Organizations:
    """Where the person belongs."""
    return Organizations(
        items=[
            Organization(
                id=each.organization_id, slug=each.slug, name=each.name, roles=list(each.roles)
            )
            for each in organizations.list_of(owner)
        ]
    )


@operation(
    "POST",
    "/organizations",
    "Make an organization, where the tenant lets people",
    takes=NewOrganization,
    answers=Joined,
    status=201,
    creates=True,
    codes=("invalid_name", "taken", "not_found"),
)
def create_organization(owner: Owner, sent: NewOrganization) -> Joined:
    """The person is its first member."""
    return Joined(id=organizations.create(owner, sent.name))


@operation(
    "POST",
    "/organizations/join",
    "Join an organization that is open",
    takes=Joining,
    answers=Joined,
    codes=("unknown_organization", "not_found"),
)
def join_organization(owner: Owner, sent: Joining) -> Joined:
    """Harmless for a member."""
    return Joined(id=organizations.join(owner, sent.organization))


@operation("DELETE", "/organizations/{organization_id}", "Leave an organization")
def leave_organization(owner: Owner, organization_id: str) -> None:
    """The membership ends, and what it allowed."""
    organizations.leave(owner, organization_id)
