"""Issue 5, point 8: what would happen at a sign-in, by the real rules; nothing happens, and nobody
who may not see people learns whether there is one."""

from typing import Any

import pytest

from app.actor import CLI
from app.database import write
from app.directory import organizations_policy
from app.directory.settings import OrganizationPolicy
from app.directory.tenants import Tenant
from tests.console.staff import Staff
from tests.factories import Factory, MadeUser
from tests.security.belongings import rows_of

pytestmark = pytest.mark.one_database
OIDC = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}


@pytest.fixture
def corp(make: Factory, tenant: Tenant) -> str:
    """A company that asks everybody of corp.example to use its own provider."""
    company = make.organization(tenant, "Corp")
    make.domain(tenant, company, "corp.example", "domain")
    make.connection(tenant, OIDC, company)
    return company


@pytest.fixture
def jane(make: Factory, tenant: Tenant) -> MadeUser:
    """A member of a company, with an authenticator app."""
    jane = make.user(tenant)
    make.authenticator(tenant, jane)
    make.organization(tenant, "Northwind", jane)
    return jane


def _rows(staff: Staff, caption: str) -> list[list[str]]:
    """The cells of a table."""
    frame = next(each for each in staff.page.all("div") if each.get("aria-label") == caption)
    return [
        [" ".join(cell.text_content().split()) for cell in row.iter("td")]
        for row in frame.iter("tr")
        if row.find("td") is not None
    ]


def _links(staff: Staff) -> list[str]:
    return [each.get("href") or "" for each in staff.page.all("a")]


def test_simulator_names_the_rule_that_sends_a_domain_elsewhere(
    staff: Staff, corp: str, tenant: Tenant
) -> None:
    before = rows_of(tenant)
    staff.get("/simulator", address="somebody@corp.example")
    assert staff.status == 200
    assert "At the provider of Corp alone." in staff.words
    assert [row[0] for row in _rows(staff, "Ways in")] == ["Corp"]
    (decided,) = [row for row in _rows(staff, "Rules about where") if row[-1] == "Yes"]
    assert decided[2] == "Corp asks single sign-on of everybody in the domain"
    assert "corp.example" in [row[0] for row in _rows(staff, "Rules about where")]
    assert any(each.endswith(f"/organizations/{corp}/policy") for each in _links(staff))
    refused = [row[2] for row in _rows(staff, "Rules about methods") if row[0] == "method"]
    assert {*refused} == {"not offered: everybody in the domain signs in by the provider"}
    assert rows_of(tenant) == before


def test_simulator_says_what_is_due_after_each_first_proof(
    staff: Staff, make: Factory, jane: MadeUser, tenant: Tenant
) -> None:
    before = rows_of(tenant)
    staff.get("/simulator", address=jane.email)
    assert "There is an account." in staff.words
    ways = {row[0]: row[1:] for row in _rows(staff, "Ways in")}
    assert ways["Password"][0] == "Due"
    assert "second_factor_due" in ways["Password"][1]
    assert ways["Passkey"][0] == "Not due"
    assert ["user", "factors", "has set up a second factor", "Yes"] in _rows(
        staff, "Rules about the second factor"
    )
    assert rows_of(tenant) == before
    staff.get("/simulator", address=jane.email, device="trusted")
    assert {row[0]: row[1] for row in _rows(staff, "Ways in")}["Password"] == "Not due"


def test_simulator_counts_what_an_organization_asks_of_somebody_new(
    staff: Staff, make: Factory, tenant: Tenant
) -> None:
    company = make.organization(tenant, "Strict")
    with write(tenant.id) as session:
        policy = OrganizationPolicy(mfa="required", methods=("password",))
        organizations_policy.set_policy(session, CLI, company, policy)
    client = make.client(tenant)
    staff.get("/simulator", address="new@example.com", organization=company, client=client.id)
    assert "Nobody has this address." in staff.words
    rules = _rows(staff, "Rules about the second factor")
    assert ["organization strict", "policy.mfa", "required", "Yes"] in rules
    ways = {row[0]: row[1:] for row in _rows(staff, "Ways in")}
    assert "no_second_factor" in ways["Password"][1]
    assert "method_not_accepted" in ways["Code by email"][1]


def test_x08_simulator_tells_nobody_of_accounts_who_may_not_see_people(
    staff: Staff, jane: MadeUser, make: Factory, tenant: Tenant
) -> None:
    client: Any = make.client(tenant, is_first_party=False)
    developer = staff("developer")
    said = []
    for address in (jane.email, f"x{jane.email[1:]}"):
        developer.get("/simulator", address=address, client=client.id, device="trusted")
        assert developer.status == 200
        assert "Your role does not show who has an account." in developer.words
        said.append(developer.words.replace(address, ""))
    assert said[0] == said[1]


def test_simulator_refuses_what_nobody_signs_in_with(staff: Staff) -> None:
    staff.get("/simulator")
    assert staff.status == 200
    staff.get("/simulator", address="not an address")
    assert (staff.status, staff.errors) == (422, {"address": "console.simulator.address_wrong"})
