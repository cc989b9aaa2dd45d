"""Single sign-on that is asked of a domain or of members, and the owners who get in without it."""

import pytest

from app.actor import CLI
from app.database import read, write
from app.directory import (
    connections,
    linked_identities,
    memberships,
    organizations,
    organizations_policy,
    people,
)
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from tests.factories import PASSWORD, Factory, MadeUser
from tests.visitors import Visit

OIDC = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}


def _company(make: Factory, tenant: Tenant, sso: str, owner: MadeUser) -> tuple[str, Connection]:
    """A company that asks single sign-on, of everybody but this owner."""
    company = make.organization(tenant, "Corp", owner, roles=("owner",))
    make.domain(tenant, company, "corp.example", sso)
    asked = organizations_policy.parse({"sso": sso, "break_glass": [owner.id]})
    with write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, company, asked)
    return company, make.connection(tenant, OIDC, company)


def test_an_owner_who_is_named_gets_in_and_nobody_else(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    owner, jane = (make.user(tenant, f"{name}@corp.example") for name in ("owner", "jane"))
    _company(make, tenant, "domain", owner)
    for user, gets_in in ((owner, True), (jane, False)):
        visitor = visit(make.client(tenant))
        visitor.submit(email=user.email)
        assert "here" in visitor.actions
        visitor.submit("here")
        assert visitor.screen == "password"
        visitor.submit(password=PASSWORD)
        assert (visitor.answer is not None) == gets_in
        assert (visitor.message == "error.sso_required") != gets_in
    assert make.events(tenant).count("user.signed_in") == 1


def test_another_name_of_the_person_leads_round_nothing(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(identifiers={"username": "optional"})
    owner, jane = (make.user(tenant, f"{name}@corp.example") for name in ("owner", "jane"))
    make.username(tenant, jane, "jane")
    _company(make, tenant, "domain", owner)
    visitor = visit(make.client(tenant))
    visitor.submit(identifier="jane")
    visitor.submit(password=PASSWORD)
    assert (visitor.answer, visitor.message) == (None, "error.sso_required")
    assert make.events(tenant).count("user.signed_in") == 0


@pytest.mark.parametrize("sso", ["members", "domain"])
def test_members_act_for_the_company_by_its_provider_alone(make: Factory, sso: str) -> None:
    tenant = make.tenant()
    owner, jane = make.user(tenant), make.user(tenant)
    company, connection = _company(make, tenant, sso, owner)
    with write(tenant.id) as session:
        organizations.join(session, CLI, company, jane.id, ["member"])
    with read(tenant.id) as session:
        asked = [memberships.of_user(session, each.id)[0].sso_required for each in (owner, jane)]
    assert asked == [False, True]
    with write(tenant.id) as session:
        connections.set_status(session, CLI, connection.id, "disabled")
    with read(tenant.id) as session:
        assert not memberships.of_user(session, jane.id)[0].sso_required


def test_a03_who_proves_the_address_first_keeps_no_link_of_another(make: Factory) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, "jane@example.com", verified=False)
    connection = make.connection(tenant, OIDC)
    with write(tenant.id) as session:
        linked_identities.link(
            session,
            CLI,
            jane.id,
            connection_id=connection.id,
            generation=1,
            subject="attacker",
            label=None,
        )
        person = people.snapshot_of(session, jane.id)
        assert person is not None
        assert person.identifier_id is not None
        people.verify_email(session, CLI, jane.id, person.identifier_id, proved_password=False)
    with read(tenant.id) as session:
        assert linked_identities.find(session, connection.id, "attacker") is None
