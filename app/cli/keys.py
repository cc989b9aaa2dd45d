"""`authpage key`: the keys that sign tokens, and root keys."""

import click

from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Record, members_of, prints
from app.database import Session, read, write
from app.directory.tenants import Tenant
from app.keys import rotation
from app.keys.key_pair import ALGORITHMS, Algorithm
from app.keys.rotation import PUBLISHED_AFTER, PUBLISHED_AHEAD, ListedKey
from app.security import new_root_key

_algorithm = click.option(
    "--alg", type=click.Choice(ALGORITHMS), default="RS256", show_default=True
)
group = Group("key", help="Keys that sign tokens, and root keys.")


@group.command("root", with_appcontext=False)
@click.option("--version", "number", type=click.IntRange(1, 65_535), default=1, show_default=True)
@prints
def root(number: int) -> Record:
    """Print a new root key for ROOT_KEYS; to rotate, put the higher version in front."""
    return Record({"root_key": new_root_key(number)}, "Keep it secret, and keep a copy.")


@group.command("list")
@prints
@for_tenant
def list_(tenant: Tenant) -> Listing:
    """List the published signing keys, newest first."""
    with read(tenant.id) as session:
        found = rotation.list_keys(session)
    columns = ("id", "alg", "state", "active_from", "retired_at", "remove_at")
    return Listing([_members(each) for each in found], columns)


@group.command("create")
@_algorithm
@prints
@for_tenant
def create(tenant: Tenant, alg: Algorithm) -> Record:
    """Make the first signing key of an algorithm; it signs at once."""
    with write(tenant.id) as session:
        if any(each.alg == alg and each.state == "active" for each in rotation.list_keys(session)):
            # A second first key would sign before any client has seen it.
            key_id = rotation.rotate(session, CLI, alg)
        else:
            key_id = rotation.create_first(session, CLI, alg)
        return _shown(session, key_id, "Created.")


@group.command("rotate")
@_algorithm
@click.option(
    "--ahead", default=PUBLISHED_AHEAD, show_default=True, help="Seconds until the new key signs."
)
@click.option(
    "--after",
    default=PUBLISHED_AFTER,
    show_default=True,
    help="Seconds for which the old key stays published after that.",
)
@prints
@for_tenant
def rotate(tenant: Tenant, alg: Algorithm, ahead: int, after: int) -> Record:
    """Publish a new signing key that takes over, and retire the old one."""
    with write(tenant.id) as session:
        key_id = rotation.rotate(session, CLI, alg, ahead=ahead, after=after)
        return _shown(session, key_id, "The new key is published and takes over.")


def _shown(session: Session, key_id: str, title: str) -> Record:
    session.flush()
    found = next(each for each in rotation.list_keys(session) if each.id == key_id)
    return Record(_members(found), title)


def _members(key: ListedKey) -> dict[str, object]:
    return {**members_of(key), "state": key.state}
