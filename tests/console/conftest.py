"""A tenant and somebody who administers it."""

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.console.staff import Staff
from tests.factories import Factory


@pytest.fixture
def tenant(make: Factory) -> Tenant:
    return make.tenant()


@pytest.fixture
def staff(app: Flask, tenant: Tenant) -> Staff:
    """The owner of the tenant, signed in to the console; `staff("support")` is a colleague."""
    return Staff(app, tenant)
