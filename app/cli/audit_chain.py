"""`authpage audit head`, `key`, `export` and `verify`: evidence that the log was not rewritten."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.audit import chain_row, exporting, verifying
from app.audit import head as heads
from app.audit.chain_row import ChainBroken
from app.audit.exporting import ChainMoved
from app.audit.verifying import Verdict
from app.cli.failures import CommandFailed
from app.cli.options import for_tenant
from app.cli.output import Record, prints, readable
from app.database import read
from app.directory.tenants import Tenant
from app.security import keyring

_BROKEN = (
    "Somebody wrote to the database beside AuthPage: the chain does not end as it was signed."
    " See docs/audit-log.md"
)
_MOST_TOLD = 20
_file = click.Path(dir_okay=False, path_type=Path)


@click.command("head")
@with_appcontext
@prints
@for_tenant
def head(tenant: Tenant) -> Record:
    """Print the signed end of the chain, to be kept elsewhere."""
    try:
        with read(tenant.id) as session:
            chain = chain_row.load(session)
    except ChainBroken:
        raise CommandFailed("chain_broken", _BROKEN) from None
    if chain.head is None:
        raise CommandFailed("nothing_sealed", "Nothing is sealed yet; the worker does that.")
    signed = heads.opened(chain.head, heads.public_keys(keyring()))
    members = {
        "sequence": signed.sequence,
        "hash": signed.hash,
        "anchor_sequence": signed.anchor_sequence,
        "signed_at": readable("signed_at", signed.at),
        "head": chain.head,
    }
    return Record(members, "Keep `head` where nobody can change it, such as in a mail or a ticket.")


@click.command("key")
@with_appcontext
@prints
def key() -> Record:
    """Print the public keys that heads are signed with, for `authpage audit verify --key`."""
    return Record({"keys": heads.public_keys(keyring())}, "Note them where you verify.")


@click.command("export")
@with_appcontext
@click.option("--chain", is_flag=True, required=True, help="The whole chain, to be verified.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@for_tenant
def export(tenant: Tenant, chain: bool, output: Path | None) -> None:  # noqa: ARG001 (required)
    """Write the chain as JSON lines, personal data sealed."""
    try:
        with read(tenant.id) as session:
            _write(exporting.lines(session), output)
    except ChainBroken:
        raise CommandFailed("chain_broken", _BROKEN) from None
    except ChainMoved:
        raise CommandFailed("chain_moved", "Old events were deleted meanwhile. Again.") from None


@click.command("verify")
@click.argument("file", type=_file)
@click.option("--key", "key_file", type=_file, help="The output of `authpage audit key --json`.")
@click.option("--head", "earlier", multiple=True, help="A head that was put away earlier.")
@prints
def verify(file: Path, key_file: Path | None, earlier: Sequence[str]) -> Record:
    """Verify an exported chain; needs no database. Fails where anything is wrong."""
    try:
        with file.open(encoding="utf-8") as lines:
            verdict = verifying.verify(lines, keys=_keys(key_file), earlier=earlier)
    except OSError:
        raise CommandFailed("no_such_file", f"{file} cannot be read.") from None
    except ValueError as error:
        raise CommandFailed("no_export", str(error)) from None
    if verdict.faults:
        raise CommandFailed("chain_wrong", _told(verdict))
    return Record(_members(verdict), _title(verdict, is_pinned=key_file is not None))


def _write(lines: Iterable[str], output: Path | None) -> None:
    if output is None:
        sys.stdout.writelines(lines)
        return
    with output.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _keys(file: Path | None) -> list[Mapping[str, Any]] | None:
    if file is None:
        return None
    try:
        return list(json.loads(file.read_text())["keys"])
    except (OSError, ValueError, KeyError, TypeError):
        raise CommandFailed("bad_key", f"{file.name} holds no keys.") from None


def _told(verdict: Verdict) -> str:
    said = " ".join(each.says for each in verdict.faults[:_MOST_TOLD])
    more = len(verdict.faults) - _MOST_TOLD
    return f"{said} And {more} more." if more > 0 else said


def _members(verdict: Verdict) -> dict[str, Any]:
    assert verdict.head is not None
    return {
        "tenant": verdict.tenant,
        "events": verdict.events,
        "sequence": verdict.head.sequence,
        "hash": verdict.head.hash,
        "signed_at": readable("signed_at", verdict.head.at),
        "late": list(verdict.late),
    }


def _title(verdict: Verdict, *, is_pinned: bool) -> str:
    said = f"Nothing was changed, removed, inserted or moved in {verdict.events} events."
    if is_pinned:
        return said
    return f"{said} The file's own key was believed: give --key to be sure whose it is."


COMMANDS: tuple[click.Command, ...] = (head, key, export, verify)
