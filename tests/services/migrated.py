"""Brings a database to the newest schema, to be copied for tests that want one of their own."""

from pathlib import Path

from flask import Flask

from app import database, migration, security
from app.config import Settings
from app.database import EVERYWHERE, named, write
from app.extensions import db

_FORGET_ROOT_KEYS = named("DELETE FROM installation", everywhere=True)


def migrate(url: str, folder: Path) -> None:
    """Give the empty database its tables. It knows no root keys yet, so that an application with
    any can take a copy of it."""
    values = {"ENVIRONMENT": "test", "DATA_DIR": str(folder), "DATABASE_URL": url}
    settings = Settings.from_environment(values)
    app = Flask("migrated")
    app.config["AUTHPAGE"] = settings
    security.bind_keyring(app, settings)
    database.bind(app, url, 1)
    with app.app_context():
        migration.upgrade()
        with write(EVERYWHERE) as session:
            session.execute(_FORGET_ROOT_KEYS)
        db.engine.dispose()
