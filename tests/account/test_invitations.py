"""Invitations at the portal: seen and answered by the owner of the address alone (A21)."""

import pytest
from flask import Flask

from app import clock
from tests.account.resident import Resident, resident
from tests.factories import Factory
from tests.journeys.invitations import invite, roles_of, state_of


@pytest.fixture
def person(app: Flask, make: Factory) -> Resident:
    return resident(app, make)


def test_what_waits_is_listed_and_accepted(make: Factory, person: Resident) -> None:
    tenant = person.client.tenant
    labs = make.organization(tenant, "Northwind Labs")
    made = invite(tenant, labs, person.user.email, roles=["admin"])
    person.go("/organizations")
    assert person.shows("Northwind Labs")
    person.go(f"/invitations/{made.id}/accept")
    assert state_of(tenant, made) == "open"
    person.submit()
    assert person.told == "account.told.organization_joined"
    assert roles_of(tenant, person.user.id) == {labs: ("admin",)}
    assert not person.shows(made.id)
    assert person.send(f"/invitations/{made.id}/accept").status_code == 404


def test_what_waits_is_declined(make: Factory, person: Resident) -> None:
    tenant = person.client.tenant
    made = invite(tenant, make.organization(tenant, "Northwind Labs"), person.user.email)
    person.go(f"/invitations/{made.id}/decline")
    person.submit()
    assert person.told == "account.told.invitation_declined"
    assert not person.shows("Northwind Labs")
    assert state_of(tenant, made) == "declined"
    assert roles_of(tenant, person.user.id) == {}


def test_a21_somebody_elses_is_not_there(make: Factory, person: Resident) -> None:
    tenant = person.client.tenant
    made = invite(tenant, make.organization(tenant, "Northwind Labs"), "other@example.com")
    person.go("/organizations")
    assert not person.shows("Northwind Labs")
    for answer in ("accept", "decline"):
        assert (
            person.get(f"{person.base}/account/invitations/{made.id}/{answer}").status_code == 404
        )
        assert person.send(f"/invitations/{made.id}/{answer}").status_code == 404
    assert state_of(tenant, made) == "open"


def test_one_that_is_too_old_is_gone(make: Factory, person: Resident) -> None:
    tenant = person.client.tenant
    made = invite(tenant, make.organization(tenant, "Northwind Labs"), person.user.email, lives=600)
    person.go("/organizations")
    assert person.shows("Northwind Labs")
    clock.move(601)
    assert person.send(f"/invitations/{made.id}/accept").status_code == 404
