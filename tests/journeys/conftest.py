"""What journeys by way of other providers begin with."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.journeys.federation import Meet, Upstream, met


@pytest.fixture
def meet(app: Flask, make: Factory) -> Iterator[Meet]:
    """Providers that run as long as the test does."""
    with ExitStack() as stack:

        def meeting(tenant: Tenant, *which: str, **changed: Any) -> Upstream:
            return stack.enter_context(met(app, make, tenant, *which, **changed))

        yield meeting
