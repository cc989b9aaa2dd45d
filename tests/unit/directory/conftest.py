"""An application that has only the ground and the directory, and fresh tenants for every test."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app import clock, database, migration, security
from app.actor import CLI
from app.addresses import parse_email
from app.config import Settings
from app.database import EVERYWHERE, named, read, write
from app.directory import people, tenants
from app.directory.tenants import Tenant
from app.extensions import db
from app.ids import new_id
from tests.doubles.dns_server import DnsServer
from tests.services.plugin import DatabaseMaker

_FORGET_CLAIMS = named("DELETE FROM domain_claim", everywhere=True)


def make_app(url: str, settings: Settings) -> Flask:
    """A bare application on the database at `url`."""
    app = Flask("directory")
    app.config["AUTHPAGE"] = settings
    database.bind(app, url, 10)
    security.bind_keyring(app, settings)
    return app


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("directory")
    return Settings.from_environment({"ENVIRONMENT": "test", "DATA_DIR": str(folder)})


@pytest.fixture(scope="session")
def directory_app(database_maker: DatabaseMaker, settings: Settings) -> Iterator[Flask]:
    app = make_app(database_maker.create(), settings)
    with app.app_context():
        migration.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def context(directory_app: Flask) -> Iterator[None]:
    with directory_app.app_context():
        yield
    clock.put_back()


def fresh_tenant(kind: str = "live") -> Tenant:
    """A tenant that no other test knows."""
    with write(EVERYWHERE) as session:
        slug = new_id("t").replace("_", "-")
        made = tenants.create(session, CLI, slug, "Acme", "test" if kind == "test" else "live")
    found = tenants.by_id(made)
    assert found is not None
    return found


@pytest.fixture
def tenant(context: None) -> Tenant:
    return fresh_tenant()


@pytest.fixture
def dns(
    directory_app: Flask, context: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DnsServer]:
    """The name server that the application asks; no claim of another test is to be looked at."""
    with write(EVERYWHERE) as session:
        session.execute(_FORGET_CLAIMS)
    with DnsServer() as server:
        chosen = directory_app.config["AUTHPAGE"]
        changed = chosen.model_copy(update={"dns_resolver": server.address})
        monkeypatch.setitem(directory_app.config, "AUTHPAGE", changed)
        yield server


@pytest.fixture
def other_tenant(context: None) -> Tenant:
    return fresh_tenant()


@dataclass(frozen=True)
class Somebody:
    """A user of a test, and the address that names them."""

    id: str
    identifier_id: str
    email: str


def make_user(
    tenant: Tenant, name: str = "jane", *, verified: bool = True, password: str | None = None
) -> Somebody:
    """A user of `tenant` with the address NAME@example.com."""
    address = parse_email(f"{name}@example.com")
    with write(tenant.id) as session:
        people.create(session, CLI, email=address, email_verified=verified, password_hash=password)
    with read(tenant.id) as session:
        person = people.find_by_email(session, address.key)
    assert person is not None
    assert person.identifier_id is not None
    return Somebody(person.user_id, person.identifier_id, address.value)
