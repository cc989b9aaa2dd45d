"""`authpage migrate`."""

import click
from flask.cli import with_appcontext

from app import migration
from app.cli.output import Record, prints


@click.command()
@with_appcontext
@prints
def migrate() -> Record:
    """Bring the database to the schema that this version needs; harmless when it is there."""
    before = migration.current()
    after = migration.upgrade()
    title = "The database is up to date." if before == after else "The database was migrated."
    return Record({"before": before, "revision": after, "changed": before != after}, title)
