"""What journeys by way of other providers and of invitations begin with."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.journeys.federation import Meet, Upstream, met
from tests.journeys.invitations import Begin, begun, link_of
from tests.visitors import HtmlVisitor, JsonVisitor


@pytest.fixture
def meet(app: Flask, make: Factory) -> Iterator[Meet]:
    """Providers that run as long as the test does."""
    with ExitStack() as stack:

        def meeting(tenant: Tenant, *which: str, **changed: Any) -> Upstream:
            return stack.enter_context(met(app, make, tenant, *which, **changed))

        yield meeting


@pytest.fixture(params=[HtmlVisitor, JsonVisitor], ids=["html", "json"])
def begin(request: pytest.FixtureRequest, app: Flask, make: Factory) -> Begin:
    """An invitation that is answered, on pages and headless."""
    return lambda client: begun(app, request.param, client, link_of(make, client.tenant))
