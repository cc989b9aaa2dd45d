"""`authpage tenant settings`: what a tenant decides, section by section."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from app.actor import CLI
from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import for_tenant, remember_tenant, tenant_option
from app.cli.output import Listing, Record, members_of, prints
from app.cli.section_changes import changed
from app.database import Session, read, write
from app.directory import settings_store
from app.directory.brand_settings import PICTURES
from app.directory.settings import SECTIONS, TenantSettings
from app.directory.tenants import Tenant

_section = click.argument("section", type=click.Choice([*SECTIONS]))


@click.group("settings", cls=Group)
@tenant_option
def group(tenant_slug: str | None) -> None:
    """What a tenant decides: methods, codes, limits, brand, texts and more."""
    remember_tenant(tenant_slug)


@group.command("show")
@click.argument("section", type=click.Choice([*SECTIONS]), required=False)
@prints
@for_tenant
def show(tenant: Tenant, section: str | None) -> Listing:
    """Show the values in force, and which of them were set."""
    with read(tenant.id) as session:
        found = settings_store.load(session)
    return Listing([*_values(found, section)], ("key", "value", "is_set"))


@group.command("set")
@_section
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE...")
@prints
@for_tenant
def set_(tenant: Tenant, section: str, changes: tuple[str, ...]) -> Record:
    """Change keys of a section, at once for everybody.

    Lists are written a,b; other values may be JSON; KEY= takes the default back. A text is
    overrides.LOCALE.TEXT_ID=SENTENCE, and a logo is uploaded with logo=@FILE; so are logo_dark,
    icon and panel_image.
    """
    with write(tenant.id) as session:
        document = settings_store.load(session).model_dump(mode="json", exclude_unset=True)
        given = [_with_upload(session, section, each) for each in changes]
        after = changed(section, document.get(section, {}), given)
        revision = settings_store.publish(session, CLI, section, after)
        published = settings_store.load(session).model_dump(mode="json", exclude_unset=True)
    members = {"section": section, "revision": revision, "document": published[section]}
    return Record(members, "Published.")


@group.command("export")
@prints
@for_tenant
def export(tenant: Tenant) -> Record:
    """Print every section as far as it was set; `import` takes it back."""
    with read(tenant.id) as session:
        found = settings_store.load(session)
    return Record(found.model_dump(mode="json", exclude_unset=True))


@group.command("import")
@click.argument("file", type=click.File("r"))
@prints
@for_tenant
def import_(tenant: Tenant, file: TextIO) -> Record:
    """Publish the sections of a JSON document, all or none; - reads standard input."""
    document = _json_of(file.read())
    with write(tenant.id) as session:
        revisions = {
            section: settings_store.publish(session, CLI, section, values)
            # Labels of sign-up fields are held against the languages that come with them.
            for section, values in sorted(document.items(), key=lambda each: each[0] != "texts")
        }
    return Record(revisions, "Published these revisions.")


@group.command("history")
@_section
@prints
@for_tenant
def history(tenant: Tenant, section: str) -> Listing:
    """List the revisions of a section, newest first."""
    with read(tenant.id) as session:
        found = settings_store.history(session, section)
    columns = ("revision", "state", "owner", "actor", "created_at", "document")
    return Listing([members_of(each) for each in found], columns)


def _values(found: TenantSettings, only: str | None) -> Iterator[dict[str, Any]]:
    document = found.model_dump(mode="json")
    for section in [only] if only else SECTIONS:
        was_set = getattr(found, section).model_fields_set
        for name, value in document[section].items():
            yield {"key": f"{section}.{name}", "value": value, "is_set": name in was_set}


def _with_upload(session: Session, section: str, change: str) -> str:
    """The change, with the id of the stored picture where it names a file."""
    member, at, name = change.partition("=@")
    if section != "brand" or not at or member not in PICTURES:
        return change
    from app.branding import logo  # noqa: PLC0415 (Pillow is slow to import)

    path = Path(name)
    try:
        return f"{member}={logo.store(session, CLI, path.read_bytes(), logo.USES[member])}"
    except OSError:
        raise CommandFailed("no_such_file", f"The file {path} cannot be read.") from None
    except logo.BadLogo as error:
        raise CommandFailed("bad_logo", str(error)) from None


def _json_of(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not all(isinstance(v, dict) for v in document.values()):
        raise CommandFailed("bad_settings", "The file is not a JSON object of sections.")
    return document
