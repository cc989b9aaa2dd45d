"""Opening the link, seeing where things stand, leaving."""

from pydantic import BaseModel, Field

from app import tenancy, visitor
from app.api.account.shapes import Moment
from app.api.setup.connections import shown
from app.api.setup.domains import domain_shown
from app.api.setup.door import Body, operation
from app.api.setup.shapes import ConnectionShown, DomainShown, Provider, provider
from app.setup import access, connecting, domains, enforcing, guides
from app.setup.access import Access
from app.setup.progress import STEPS


class LinkOpened(Body):
    """The token of the link: what stands behind `token=`."""

    token: str


class SetupSession(BaseModel):
    """What is sent in `Authorization: Bearer` from now on."""

    session_token: str
    expires_at: Moment


class Overview(BaseModel):
    """All that is set up."""

    organization: str
    expires_at: Moment
    connections: list[ConnectionShown]
    domains: list[DomainShown]
    sso: str
    done: list[str] = Field(description="The steps that are done")
    next: str | None = Field(description="provider, domains, test or policy; null: all is done")


class Providers(BaseModel):
    """The guides."""

    providers: list[Provider]


@operation(
    "POST",
    "/sessions",
    "Open a link, once",
    takes=LinkOpened,
    answers=SetupSession,
    status=201,
    codes=("link_spent",),
    is_open=True,
)
def open_session(body: LinkOpened) -> SetupSession:
    """The session token is shown here only."""
    tenant = tenancy.current()
    value = access.enter(tenant, visitor.actor(), body.token, "api")
    found = access.of(tenant, visitor.actor(), value, "api")
    if found is None:
        raise access.gone()
    return SetupSession(session_token=value, expires_at=found.session.expires_at)


@operation("GET", "", "Where things stand", answers=Overview)
def overview(found: Access) -> Overview:
    """Connections, domains and policy of the organization."""
    return Overview(
        organization=found.organization.name,
        expires_at=found.session.expires_at,
        connections=[shown(found, each) for each in connecting.places(found)],
        domains=[domain_shown(each) for each in domains.list_of(found)],
        sso=enforcing.policy(found).sso,
        done=[each for each in STEPS if each in found.progress.done],
        next=found.progress.next,
    )


@operation("DELETE", "/session", "Leave; what was set up stays")
def end_session(found: Access) -> None:
    """The token opens nothing any more."""
    access.leave(found)


@operation("GET", "/providers", "The providers, each with its guide", answers=Providers)
def list_providers(_: Access) -> Providers:
    """In the language of the request."""
    return Providers(providers=[provider(each) for each in guides.GUIDES.values()])
