"""The factors of a person: what there is, and that of others nothing shows."""

import pytest

from app.database import read
from app.directory import factors
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user


def test_a_person_with_a_verified_address_could_be_mailed_a_code(tenant: Tenant) -> None:
    jane, joe = make_user(tenant), make_user(tenant, "joe", verified=False)
    with read(tenant.id) as session:
        found = factors.of_user(session, jane.id)
        assert found == factors.Factors(frozenset({"email_code"}), False, 0, None, 0)
        assert factors.of_user(session, joe.id).kinds == frozenset()


def test_nobody_of_another_tenant_has_factors(tenant: Tenant, other_tenant: Tenant) -> None:
    jane = make_user(tenant)
    with read(other_tenant.id) as session, pytest.raises(NotFound):
        factors.of_user(session, jane.id)
