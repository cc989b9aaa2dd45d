"""A tenant with a company whose admin has a link."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer
from tests.factories import Factory


@pytest.fixture
def tenant(make: Factory) -> Tenant:
    return make.tenant()


@pytest.fixture
def corp(make: Factory, tenant: Tenant) -> str:
    return make.organization(tenant, "Corp")


@pytest.fixture
def dns(app: Flask) -> Iterator[DnsServer]:
    """The name server that domain checks ask."""
    chosen = app.config["AUTHPAGE"]
    with DnsServer() as server:
        app.config["AUTHPAGE"] = chosen.model_copy(update={"dns_resolver": server.address})
        yield server
    app.config["AUTHPAGE"] = chosen
