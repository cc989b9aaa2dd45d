"""What an admin may note for somebody else: nothing that would hand a proven account over."""

import pytest

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import connections, contacts, linked_identities
from app.directory.connection_settings import OidcSettings
from app.directory.contacts import HasProven
from app.directory.people import IdentifierTaken
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from tests.unit.directory.conftest import make_user

ADMIN = Actor("admin", "usr_a", roles=frozenset({"admin"}))
SUPPORT = Actor("admin", "usr_s", roles=frozenset({"support"}))
OTHER = parse_as("email", "other@example.com", "US")
PHONE = parse_as("phone", "+4915123456789", "US")


def test_an_address_is_noted_unproven_where_nothing_is_proven(tenant: Tenant) -> None:
    jane = make_user(tenant, verified=False)
    with write(tenant.id) as session:
        contacts.add_unproven(session, ADMIN, jane.id, OTHER)
        contacts.add_unproven(session, ADMIN, jane.id, PHONE)
    with read(tenant.id) as session:
        found = {each.value: each for each in contacts.list_of_user(session, jane.id)}
    assert not any(each.is_verified for each in found.values())
    assert found[jane.email].is_primary, "the first address stays the one that is shown"
    assert not found["other@example.com"].is_primary
    assert found[PHONE.value].is_primary
    bob = make_user(tenant, "bob", verified=False)
    with pytest.raises(IdentifierTaken), write(tenant.id) as session:
        contacts.add_unproven(session, ADMIN, bob.id, OTHER)


def test_x04_nobody_adds_a_way_into_a_proven_account(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with pytest.raises(HasProven), write(tenant.id) as session:
        contacts.add_unproven(session, ADMIN, jane.id, OTHER)
    for actor in (SUPPORT, Actor("user", jane.id)):
        with pytest.raises(Forbidden), write(tenant.id) as session:
            contacts.add_unproven(session, actor, jane.id, OTHER)
    with read(tenant.id) as session:
        assert len(contacts.list_of_user(session, jane.id)) == 1


def test_a03_nobody_adds_a_way_into_an_account_that_a_provider_proves(tenant: Tenant) -> None:
    jane = make_user(tenant, verified=False)
    settings = OidcSettings(issuer="https://idp.example", client_id="authpage")
    with write(tenant.id) as session:
        connection = connections.create(
            session, CLI, provider="generic", name="Corp", settings=settings, status="active"
        )
        linked_identities.link(
            session,
            CLI,
            jane.id,
            connection_id=connection,
            generation=1,
            subject="jane",
            label=None,
        )
    with pytest.raises(HasProven), write(tenant.id) as session:
        contacts.add_unproven(session, ADMIN, jane.id, OTHER)
