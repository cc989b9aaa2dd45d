"""`authpage preview`: every page and mail of a tenant as files, in the look of its draft."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.branding.themed import THEMES
from app.cli.failures import CommandFailed
from app.cli.options import for_tenant
from app.cli.output import Record, prints
from app.console import preview_folder, preview_source
from app.console.preview_drawing import Choices
from app.console.preview_source import DRAFT, PUBLISHED, Source
from app.console.preview_states import STATES
from app.directory.settings_store import OF_TENANT
from app.directory.tenants import Tenant


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--theme", type=click.Choice(THEMES), multiple=True, help="[default: both]")
@click.option("--locale", multiple=True, help="A language.  [default: the tenant's own]")
@click.option("--state", type=click.Choice(STATES), default="empty", show_default=True)
@click.option("--published", is_flag=True, help="What people see now, in place of the draft.")
@click.option("--subject", metavar="ID", default=OF_TENANT, help="An organization or client.")
@prints
@with_appcontext
@for_tenant
def preview(
    tenant: Tenant,
    folder: Path,
    theme: tuple[str, ...],
    locale: tuple[str, ...],
    state: str,
    published: bool,
    subject: str,
) -> Record:
    """Write every page and mail into FOLDER, with invented people in them."""
    shown = preview_source.previewed(tenant, Source(subject, PUBLISHED if published else DRAFT))
    locales = locale or (shown.settings.texts.default_locale,)
    _check(shown, locales)
    choices = [
        Choices(theme=each, locale=language, state=known)
        for each in THEMES
        if not theme or each in theme
        for language in locales
        for known in STATES
        if known == state
    ]
    written = preview_folder.write_all(shown, folder, choices)
    return Record({"pages": written.pages, "index": str(written.index)}, "Written.")


def _check(tenant: Tenant, locales: tuple[str, ...]) -> None:
    offered = tenant.settings.texts.locales
    unknown = [each for each in locales if each not in offered]
    if unknown:
        raise CommandFailed(
            "locale_unknown", f"{unknown[0]} is not switched on; there are {', '.join(offered)}."
        )
