"""For which organization somebody acts: none, one, many, the one that the app asks for."""

import pytest
from flask import Flask

from app.models import Membership, Organization
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, Visit, Visitor


def _arriving(visit: Visit, client: MadeClient, user: MadeUser, **parameters: str) -> Visitor:
    visitor = visit(client, **parameters)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    return visitor


def test_who_belongs_nowhere_acts_alone(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    visitor = _arriving(visit, client, make.user(client.tenant))
    assert "org_id" not in claims(app, visitor)


def test_one_organization_needs_no_choice(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    only = make.organization(client.tenant, "Northwind Labs", user, roles=("admin",))
    visitor = _arriving(visit, client, user)
    found = claims(app, visitor)
    assert (found["org_id"], found["roles"]) == (only, ["admin"])


def test_several_are_chosen_from(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, display_name="Jane Doe")
    make.organization(client.tenant, "Contoso", user)
    wanted = make.organization(client.tenant, "Northwind Labs", user, roles=("owner",))
    strange = make.organization(client.tenant, "Strangers")
    visitor = _arriving(visit, client, user)
    assert visitor.screen == "choose_organization"
    assert len(visitor.choices) == 2
    assert "search" not in visitor.actions
    visitor.submit(choice=strange)
    assert (visitor.status, visitor.message) == (422, "error.choice_unknown")
    visitor.choose("Northwind Labs")
    found = claims(app, visitor)
    assert (found["org_id"], found["roles"]) == (wanted, ["owner"])


def test_a_disabled_organization_is_no_choice(app: Flask, make: Factory, visit: Visit) -> None:
    from app.actor import CLI
    from app.database import write
    from app.directory import organizations

    client = make.client(make.tenant())
    user = make.user(client.tenant)
    closed = make.organization(client.tenant, "Contoso", user)
    open_one = make.organization(client.tenant, "Northwind Labs", user)
    with write(client.tenant.id) as session:
        organizations.disable(session, CLI, closed)
    assert claims(app, _arriving(visit, client, user))["org_id"] == open_one


def test_nobody_gets_in_without_one_where_one_is_required(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(organizations={"choice": "required"}))
    visitor = _arriving(visit, client, make.user(client.tenant))
    assert (visitor.screen, visitor.choices) == ("choose_organization", [])
    assert visitor.message == "choose_organization.none"
    assert "new" not in visitor.actions
    visitor.submit("continue", name="Mine")
    assert visitor.status == 422
    visitor.submit("cancel")
    assert visitor.answer is not None
    assert visitor.answer["error"] == "access_denied"
    assert visitor.answer["state"] == "a-state"
    assert rows(Organization, client.tenant) == []


def test_nobody_is_asked_where_they_are_off(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(organizations={"choice": "off"}))
    user = make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    assert "org_id" not in claims(app, _arriving(visit, client, user))


def test_a_long_list_can_be_searched(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    for number in range(8):
        make.organization(client.tenant, f"Company {number}", user)
    visitor = _arriving(visit, client, user)
    assert "search" in visitor.fields
    assert len(visitor.choices) == 8
    visitor.submit("search", search="COMPANY 3")
    assert len(visitor.choices) == 1
    assert visitor.value("search") == "COMPANY 3"
    visitor.submit("search", search="nothing like it")
    assert visitor.choices == []
    visitor.submit("search", search="")
    assert len(visitor.choices) == 8
    visitor.choose("Company 5")
    assert visitor.answer is not None


def test_a_new_organization_where_the_tenant_allows_it(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(organizations={"choice": "required", "creation_open": True}))
    visitor = _arriving(visit, client, make.user(client.tenant))
    visitor.submit("new")
    assert visitor.screen == "new_organization"
    visitor.submit("back")
    assert visitor.screen == "choose_organization"
    visitor.submit("new")
    for name in ("", "   ", "see http://evil.example", "two\nlines", "x" * 81):
        visitor.submit(name=name)
        assert visitor.errors == {"name": "error.name_invalid"}
    visitor.submit(name="Northwind Labs")
    found = claims(app, visitor)
    (made,) = rows(Organization, client.tenant)
    assert (found["org_id"], found["roles"]) == (made.id, ["owner"])
    assert [each.roles for each in rows(Membership, client.tenant)] == [["owner"]]


@pytest.mark.parametrize("by", ["id", "slug"])
def test_the_app_asks_for_an_organization(app: Flask, make: Factory, visit: Visit, by: str) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    make.organization(client.tenant, "Contoso", user)
    wanted = make.organization(client.tenant, "Northwind Labs", user)
    named = wanted if by == "id" else "northwind-labs"
    assert claims(app, _arriving(visit, client, user, organization=named))["org_id"] == wanted


@pytest.mark.parametrize("named", ["strangers", "no-such-organization", "x" * 3_000])
def test_x09_who_does_not_belong_gets_no_other_organization(
    make: Factory, visit: Visit, named: str
) -> None:
    client = make.client(make.tenant(organizations={"creation_open": True}))
    user = make.user(client.tenant)
    mine = make.organization(client.tenant, "Contoso", user)
    make.organization(client.tenant, "Strangers")
    visitor = _arriving(visit, client, user, organization=named)
    assert visitor.screen == "choose_organization"
    assert visitor.message == "error.organization_not_theirs"
    assert visitor.choices == []
    assert visitor.actions == {"another_account", "cancel"}
    visitor.submit(choice=mine)
    assert visitor.screen == "choose_organization"
    visitor.submit("cancel")
    assert visitor.answer is not None
    assert visitor.answer["error"] == "access_denied"


def test_somebody_who_does_belong_may_take_over(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    stranger, member = make.user(client.tenant), make.user(client.tenant)
    wanted = make.organization(client.tenant, "Northwind Labs", member)
    visitor = _arriving(visit, client, stranger, organization="northwind-labs")
    visitor.submit("another_account")
    assert visitor.screen == "identify"
    visitor.submit(email=member.email)
    visitor.submit(password=PASSWORD)
    found = claims(app, visitor)
    assert (found["sub"], found["org_id"]) == (member.id, wanted)


def test_the_choice_is_remembered_by_the_session(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    make.organization(client.tenant, "Contoso", user)
    wanted = make.organization(client.tenant, "Northwind Labs", user)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    visitor.choose("Northwind Labs")
    assert claims(app, visitor)["org_id"] == wanted
    visitor.open()
    assert claims(app, visitor)["org_id"] == wanted
    visitor.open(organization="contoso")
    assert claims(app, visitor)["org_id"] != wanted
