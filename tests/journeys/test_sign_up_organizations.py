"""A new account and its first organization, made or joined in one go."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import read, write
from app.directory import organizations, organizations_policy, required_factors
from app.directory.settings import OrganizationPolicy
from app.models import Membership, Organization
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import claims, rows
from tests.journeys.passkeys import device, make_one
from tests.journeys.second import code_of, shown_secret
from tests.visitors import Visit, Visitor

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


def _asking(make: Factory, methods: list[str] | None = None, mfa: str | None = None) -> MadeClient:
    """A client of a tenant whose open organization asks this of its members."""
    tenant = make.tenant(
        organizations={"joining_open": True, "creation_open": True},
        methods={
            "sign_in": ["email_code", "password", "passkey"],
            "sign_up": ["email_code", "password"],
            "second": ["totp"],
        },
        policy={"mfa": "off"},
    )
    made = make.organization(tenant, "Northwind Labs", joinable=True)
    asked = {"mfa": mfa, "methods": methods}
    with write(tenant.id) as session:
        policy = OrganizationPolicy.model_validate({k: v for k, v in asked.items() if v})
        organizations_policy.set_policy(session, CLI, made, policy)
    return make.client(tenant)


def _signing_up(make: Factory, visit: Visit, client: MadeClient, **typed: str) -> Visitor:
    """Somebody who proved the address of the form."""
    visitor = visit(client, prompt="create", organization="northwind-labs")
    visitor.submit(email=NEW, **typed)
    visitor.submit(code=make.code(client.tenant, NEW))
    return visitor


def test_who_joins_by_signing_up_is_asked_for_the_factor_at_once(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _asking(make, mfa="required")
    visitor = _signing_up(make, visit, client)
    assert visitor.screen in ("enrol", "enrol_totp"), (visitor.screen, visitor.answer)
    visitor.submit("enrol:totp")
    visitor.submit(code=code_of(shown_secret(visitor)))
    visitor.submit()
    assert claims(app, visitor)["acr"] == "urn:authpage:acr:2fa"


def test_who_founds_an_organization_is_asked_what_the_creator_is(
    make: Factory, visit: Visit
) -> None:
    client = _asking(make)
    with write(client.tenant.id) as session:
        required_factors.of_role(session, CLI, "owner", required=True)
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, organization_name="Mine")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert visitor.screen in ("enrol", "enrol_totp"), (visitor.screen, visitor.answer)
    later = make.user(client.tenant)
    founding = visit(client)
    founding.submit(email=later.email)
    founding.submit(code=make.code(client.tenant, later.email))
    assert founding.answer is not None, "Who acts alone is asked for nothing."


def test_who_joins_where_passwords_count_gives_the_one_just_chosen(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _asking(make, methods=["password"])
    visitor = _signing_up(make, visit, client, password=PASSWORD)
    assert (visitor.screen, visitor.answer) == ("password", None)
    visitor.submit(password=PASSWORD)
    assert claims(app, visitor)["amr"] == ["otp", "pwd"]


def test_who_joins_where_passwords_count_may_set_one_on_the_way(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _asking(make, methods=["password"])
    visitor = _signing_up(make, visit, client)
    assert visitor.screen == "password"
    visitor.submit("recover")
    visitor.submit(email=NEW)
    visitor.submit(code=make.code(client.tenant, NEW))
    assert visitor.screen == "new_password", (visitor.screen, visitor.message)
    visitor.submit(password=PASSWORD)
    visitor.submit(password=PASSWORD)
    assert "org_id" in claims(app, visitor)


def test_who_joins_where_passkeys_count_makes_one(app: Flask, make: Factory, visit: Visit) -> None:
    client = _asking(make, methods=["passkey"])
    visitor = _signing_up(make, visit, client)
    assert visitor.screen == "create_passkey", (visitor.screen, visitor.answer)
    assert "skip" not in visitor.actions
    make_one(visitor, device(client.tenant))
    assert "org_id" in claims(app, visitor)


@pytest.mark.parametrize("methods", [["password"], ["passkey"]])
def test_a_recovery_leads_to_the_method_that_the_organization_takes(
    make: Factory, visit: Visit, methods: list[str]
) -> None:
    client = _asking(make, methods=methods)
    user = make.user(client.tenant)
    with read(client.tenant.id) as session:
        found = organizations.by_slug_or_id(session, "northwind-labs")
    assert found is not None
    with write(client.tenant.id) as session:
        organizations.join(session, CLI, found.id, user.id, ["member"])
    visitor = visit(client)
    visitor.submit(email=user.email)
    if visitor.screen != "password":
        visitor.submit("use:password")
    visitor.submit("recover")
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.screen == "new_password", visitor.screen
    visitor.submit(password="a wholly different sentence")
    assert (visitor.screen, visitor.answer) == (methods[0], None)
    if methods == ["password"]:
        visitor.submit(password="a wholly different sentence")
        assert visitor.answer is not None
