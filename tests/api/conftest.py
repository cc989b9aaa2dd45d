"""A tenant of its own for each test of the account API."""

import pytest
from flask import Flask

from tests.api.caller import Caller, caller
from tests.protocol.provider import Provider


@pytest.fixture
def provider(app: Flask) -> Provider:
    """A fresh tenant."""
    return Provider(app)


@pytest.fixture
def jane(provider: Provider) -> Caller:
    """Somebody who signed in just now."""
    return caller(provider)
