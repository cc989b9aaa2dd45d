"""What journeys do with invitations."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.actor import CLI
from app.addresses import parse_email
from app.database import read, write
from app.directory import invitations, memberships, people
from app.directory.invitations import Invitation
from app.directory.people import Person
from app.directory.tenants import Tenant
from tests.factories import Factory, MadeClient
from tests.journeys.links import token_of
from tests.visitors import HtmlVisitor, JsonVisitor, Visitor, authorization

INVITED = "jane@example.com"

Begin = Callable[[MadeClient], Visitor]
"""Goes in by the newest link."""


def invite(tenant: Tenant, organization_id: str, email: str = INVITED, **more: Any) -> Invitation:
    """Somebody invited by the command line."""
    with write(tenant.id) as session:
        return invitations.invite(session, CLI, tenant, organization_id, email, **more)


def link_of(make: Factory, tenant: Tenant) -> str:
    """The link in the newest invitation."""
    mails = [mail for purpose, mail in make.mails(tenant) if purpose == "invitation"]
    return mails[-1].values["link"]


def opened(app: Flask, client: MadeClient, link: str) -> HtmlVisitor:
    """A browser at the link."""
    visitor = HtmlVisitor(app, client)
    visitor.follow(visitor.get(link))
    return visitor


def begun(app: Flask, kind: type[Any], client: MadeClient, link: str) -> Visitor:
    """A person who pressed the button behind the link, or an app that started a flow with it."""
    if kind is HtmlVisitor:
        visitor = opened(app, client, link)
        visitor.submit()
        return visitor
    program = JsonVisitor(app, client)
    invitation_id = link.partition("?")[0].rpartition("/")[2]
    body = {
        "authorize": authorization(client),
        "invitation": {"id": invitation_id, "token": token_of(link)},
    }
    program.take(program.http.post(f"{program.base}/headless/v1/flows", json=body))
    if program.status == 201:
        program.flow_id = program.body["flow_id"]
        program.token = program.body["flow_token"]
    return program


def person(tenant: Tenant, email: str = INVITED) -> Person:
    """Who has that address."""
    with read(tenant.id) as session:
        found = people.find_by_email(session, parse_email(email).key)
    assert found is not None
    return found


def roles_of(tenant: Tenant, user_id: str) -> dict[str, tuple[str, ...]]:
    """Organization -> the roles there."""
    with read(tenant.id) as session:
        return {m.organization_id: m.roles for m in memberships.of_user(session, user_id)}


def state_of(tenant: Tenant, made: Invitation) -> str:
    """What became of it."""
    with read(tenant.id) as session:
        found = invitations.get(session, tenant, made.id)
    assert found is not None
    return found.state
