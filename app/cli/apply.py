"""`authpage apply`: make a tenant what a file says, or tell what would change."""

import click
from flask.cli import with_appcontext

from app.actor import CLI
from app.cli.failures import CommandFailed
from app.cli.options import tenant_called
from app.cli.output import Listing, Record, show
from app.database import read, write
from app.directory import reconciling, tenant_file
from app.directory.reconciling import Change
from app.directory.tenant_file import BadFile, TenantFile

_COLUMNS = ("verb", "part", "name", "fields")
DRIFTED = 3
"""The exit code of `--check` where the tenant is not what the file says."""


@click.command()
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--plan", "only_plan", is_flag=True, help="Tell what would change; change nothing.")
@click.option("--check", is_flag=True, help="The same; exit with 3 where anything would change.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@with_appcontext
def apply(file: str, only_plan: bool, check: bool, as_json: bool) -> None:
    """Make a tenant what FILE says: its settings, roles and clients; - reads standard input.

    What the file names belongs to it from then on and cannot be changed in the console. All of it
    is done, or nothing.
    """
    wanted = _read(file)
    tenant_id = tenant_called(wanted.tenant).id
    if not (only_plan or check):
        show(_applied(tenant_id, wanted), as_json=as_json)
        return
    with read(tenant_id) as session:
        planned = reconciling.plan(session, wanted)
    show(_listed(planned), as_json=as_json)
    if check and planned:
        click.get_current_context().exit(DRIFTED)


def _applied(tenant_id: str, wanted: TenantFile) -> Record:
    with write(tenant_id) as session:
        done, secrets = reconciling.carry_out(session, CLI, wanted)
    title = f"{len(done)} changes." if done else "Nothing to change."
    return Record({"new_secrets": secrets} if secrets else {}, title, {"changes": _listed(done)})


def _read(file: str) -> TenantFile:
    try:
        with click.open_file(file, encoding="utf-8") as opened:
            return tenant_file.read(opened.read(tenant_file.LARGEST + 1))
    except (OSError, UnicodeDecodeError):
        raise CommandFailed("no_such_file", f"{file} cannot be read.") from None
    except BadFile as refusal:
        raise CommandFailed("bad_file", "\n".join(refusal.problems)) from None


def _listed(changes: list[Change]) -> Listing:
    rows = [
        {"verb": c.verb, "part": c.part, "name": c.name, "fields": [*c.fields]} for c in changes
    ]
    return Listing(rows, _COLUMNS)
