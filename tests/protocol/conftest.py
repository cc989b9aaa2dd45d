"""A tenant of its own for each protocol test, on each database."""

import pytest
from flask import Flask

from tests.protocol.provider import Provider


@pytest.fixture
def provider(app: Flask) -> Provider:
    """A fresh tenant."""
    return Provider(app)
