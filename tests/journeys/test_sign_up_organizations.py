"""A new account and its first organization, made or joined in one go."""

import pytest
from flask import Flask

from app.models import Membership, Organization
from tests.factories import Factory
from tests.journeys.moves import claims, rows
from tests.visitors import Visit

NEW = "new@example.com"


def test_an_organization_is_made_with_the_account(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(organizations={"creation_open": True}))
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, organization_name="Northwind Labs")
    assert rows(Organization, client.tenant) == []
    visitor.submit(code=make.code(client.tenant, NEW))
    (made,) = rows(Organization, client.tenant)
    assert made.name == "Northwind Labs"
    assert [each.roles for each in rows(Membership, client.tenant)] == [["owner"]]
    assert claims(app, visitor)["org_id"] == made.id


def test_no_organization_is_made_where_the_tenant_says_no(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    assert "organization_name" not in visitor.fields
    visitor.submit(email=NEW, organization_name="Northwind Labs")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert visitor.answer is not None
    assert rows(Organization, client.tenant) == []


@pytest.mark.parametrize("way", ["named", "asked"])
def test_an_open_organization_is_joined_with_the_account(
    app: Flask, make: Factory, visit: Visit, way: str
) -> None:
    client = make.client(make.tenant(organizations={"joining_open": True}))
    joined = make.organization(client.tenant, "Northwind Labs", joinable=True)
    if way == "asked":
        visitor = visit(client, prompt="create", organization="northwind-labs")
        visitor.submit(email=NEW)
    else:
        visitor = visit(client, prompt="create")
        visitor.submit(email=NEW, organization="northwind-labs")
    assert rows(Membership, client.tenant) == []
    visitor.submit(code=make.code(client.tenant, NEW))
    assert [each.roles for each in rows(Membership, client.tenant)] == [["member"]]
    assert claims(app, visitor)["org_id"] == joined


@pytest.mark.parametrize(("joining_open", "joinable"), [(False, True), (True, False)])
def test_a_closed_organization_is_joined_by_nobody(
    make: Factory, visit: Visit, joining_open: bool, joinable: bool
) -> None:
    client = make.client(make.tenant(organizations={"joining_open": joining_open}))
    make.organization(client.tenant, "Northwind Labs", joinable=joinable)
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, organization="northwind-labs")
    assert (visitor.status, visitor.message) == (422, "error.organization_closed")


def test_an_organization_made_beside_the_one_asked_for_is_not_given_instead(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(organizations={"creation_open": True}))
    make.organization(client.tenant, "Northwind Labs")
    visitor = visit(client, prompt="create", organization="northwind-labs")
    visitor.submit(email=NEW, organization_name="Mine")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert (visitor.screen, visitor.answer) == ("choose_organization", None)
    assert visitor.message == "error.organization_not_theirs"
