"""P11, Z17: a request holds one connection at a time: a small pool never waits in a circle."""

import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app import changes
from app.extensions import db
from tests.factories import PASSWORD, Factory
from tests.visitors import HtmlVisitor, JsonVisitor


class Held:
    """Connections that each thread has taken from the pool, and where it took one too many."""

    def __init__(self) -> None:
        self._here = threading.local()
        self.places: set[str] = set()

    def taken(self, *_: Any) -> None:
        """A connection left the pool."""
        self._here.count = getattr(self._here, "count", 0) + 1
        if self._here.count > 1:
            frames = [each for each in traceback.extract_stack() if "/app/" in each.filename]
            self.places.add(" < ".join(f"{e.name}:{e.lineno}" for e in reversed(frames[-14:])))

    def returned(self, *_: Any) -> None:
        """A connection came back."""
        self._here.count = getattr(self._here, "count", 0) - 1


@pytest.fixture
def held(app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Watches the pool, while every look into a cache asks the database whether it changed."""
    monkeypatch.setattr(changes, "_LOOK_AFTER", -1)
    watch, pool = Held(), db.engine.pool
    event.listen(pool, "checkout", watch.taken)
    event.listen(pool, "checkin", watch.returned)
    yield watch
    event.remove(pool, "checkout", watch.taken)
    event.remove(pool, "checkin", watch.returned)


def test_no_request_holds_two_connections(app: Flask, make: Factory, held: Held) -> None:
    tenant = make.tenant(organizations={"creation_open": True})
    user = make.user(tenant)
    make.organization(tenant, "Alpha", user)
    make.organization(tenant, "Beta", user)
    third_party = make.client(tenant, is_first_party=False)
    page = HtmlVisitor(app, third_party)
    page.open()
    page.submit(email=user.email)
    page.submit(password="wrong")
    page.submit(password=PASSWORD)
    page.choose("Alpha")
    page.submit("allow")
    assert page.answer is not None
    for path in ("/account", "/sign-out", "/oauth2/jwks", "/.well-known/openid-configuration"):
        page.get(f"{tenant.base_url}{path}")
    page.open(prompt="login")
    newcomer = JsonVisitor(app, make.client(tenant))
    newcomer.open(prompt="create")
    newcomer.submit(email="new@example.com", password=PASSWORD)
    newcomer.submit(code=make.code(tenant, "new@example.com"))
    assert newcomer.answer is not None
    assert not held.places, "Read first, close, then go on:\n" + "\n".join(sorted(held.places))
