"""An application with a database and a tenant, without pages: what delivery needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import clock, database, migration, security
from app.actor import CLI
from app.config import Settings
from app.database import EVERYWHERE, write
from app.directory import tenants
from app.directory.tenants import Tenant
from app.extensions import db
from tests.delivery.chains import happen, seal, sealed_ids

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def settings(migrated_database_url: str, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {"environment": "test", "database_url": migrated_database_url, "data_dir": tmp_path}
    ).completed()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = Flask("delivery", template_folder=str(TEMPLATES))
    app.config["AUTHPAGE"] = settings
    security.bind_keyring(app, settings)
    database.bind(app, settings.database_url, settings.database_pool)
    with app.app_context():
        migration.upgrade()
        yield app
        db.engine.dispose()
        clock.put_back()


@pytest.fixture
def tenant(app: Flask) -> Tenant:
    with write(EVERYWHERE) as session:
        tenant_id = tenants.create(session, CLI, "default", "Acme")
    found = tenants.by_id(tenant_id)
    assert found is not None
    return found


@pytest.fixture
def chain(tenant: Tenant) -> Tenant:
    """A tenant with eight sealed events: that of its creation, and seven more."""
    happen(tenant, 7)
    seal()
    assert len(sealed_ids(tenant)) == 8
    return tenant
