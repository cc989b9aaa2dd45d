"""A tenant with a company whose admin has a link."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_provider import OidcProvider
from tests.factories import Factory
from tests.setup.admin import Admin, link_for


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


@pytest.fixture
def provider(app: Flask) -> Iterator[OidcProvider]:
    """The company's provider; it may be reached."""
    with OidcProvider("oidc") as running:
        chosen = app.config["AUTHPAGE"]
        allowed = (*chosen.outbound_allow, running.address)
        app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": allowed})
        yield running
        app.config["AUTHPAGE"] = chosen


@pytest.fixture
def admin(app: Flask, tenant: Tenant, corp: str) -> Admin:
    """Somebody who has opened their link."""
    found = Admin(app, tenant)
    found.open(link_for(tenant, corp))
    return found
