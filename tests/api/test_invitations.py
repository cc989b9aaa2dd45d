"""Invitations by the account API."""

from tests.api.caller import Caller, code_of
from tests.factories import Factory
from tests.journeys.invitations import invite, roles_of, state_of


def test_what_waits_is_listed_and_accepted_once(make: Factory, jane: Caller) -> None:
    tenant = jane.provider.tenant
    labs = make.organization(tenant, "Northwind Labs")
    made = invite(tenant, labs, "jane@example.com", roles=["admin"])
    (listed,) = jane.get("/invitations").get_json()["items"]
    assert (listed["id"], listed["email"]) == (made.id, "jane@example.com")
    assert listed["organization"] == {"id": labs, "name": "Northwind Labs"}
    accepted = jane.post(f"/invitations/{made.id}/accept")
    assert accepted.get_json() == {"id": labs}
    assert roles_of(tenant, jane.user_id) == {labs: ("admin",)}
    assert jane.get("/invitations").get_json()["items"] == []
    assert code_of(jane.post(f"/invitations/{made.id}/accept")) == "not_found"


def test_what_waits_is_declined(make: Factory, jane: Caller) -> None:
    tenant = jane.provider.tenant
    made = invite(tenant, make.organization(tenant, "Northwind Labs"), "jane@example.com")
    assert jane.delete(f"/invitations/{made.id}").status_code == 204
    assert state_of(tenant, made) == "declined"
    assert code_of(jane.delete(f"/invitations/{made.id}")) == "not_found"


def test_a21_somebody_elses_is_not_there(make: Factory, jane: Caller) -> None:
    tenant = jane.provider.tenant
    made = invite(tenant, make.organization(tenant, "Northwind Labs"), "other@example.com")
    assert jane.get("/invitations").get_json()["items"] == []
    assert code_of(jane.post(f"/invitations/{made.id}/accept")) == "not_found"
    assert code_of(jane.delete(f"/invitations/{made.id}")) == "not_found"
    assert state_of(tenant, made) == "open"
