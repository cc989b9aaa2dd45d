"""`authpage user factors`: the second factors of people, seen and taken away."""

import click

from app.account import totp
from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Members, Record, prints
from app.cli.people_named import person_called
from app.database import read, write
from app.directory import authenticators, passkeys, recovery_codes
from app.directory.tenants import Tenant

_COLUMNS = ("id", "kind", "label", "created_at", "last_used_at", "left")
_named = click.argument("who", metavar="USER")
group = Group("factors", help="Authenticator apps, passkeys and recovery codes of a user.")


@group.command("list")
@_named
@prints
@for_tenant
def list_(tenant: Tenant, who: str) -> Listing:
    """List the second factors of a user, and how many recovery codes are left."""
    with read(tenant.id) as session:
        user_id = person_called(session, who).user_id
        apps = authenticators.list_of_user(session, user_id)
        keys = passkeys.list_of_user(session, user_id)
        left = recovery_codes.count(session, user_id)
    found = [_row(each.id, "totp", each.label, each.created_at, each.last_used_at) for each in apps]
    found += [
        _row(each.id, "passkey", each.label, each.created_at, each.last_used_at) for each in keys
    ]
    if left:
        found.append({**dict.fromkeys(_COLUMNS), "kind": recovery_codes.KIND, "left": left})
    return Listing(found, _COLUMNS)


@group.command("remove")
@_named
@click.argument("id", metavar="AUTHENTICATOR")
@click.option("--reason", required=True, help="Why, for the audit log.")
@prints
@for_tenant
def remove(tenant: Tenant, who: str, id: str, reason: str) -> Record:
    """Take an authenticator app away; the person is told. Whoever must have a second factor and has
    none any more sets one up at the next sign-in."""
    with write(tenant.id) as session:
        person = person_called(session, who)
        locale = person.locale or tenant.settings.texts.default_locale
        totp.forget(session, tenant, CLI, person.user_id, id, locale=locale, reason=reason)
    return Record({"user_id": person.user_id, "id": id}, "Removed; the person was told.")


def _row(
    id: str, kind: str, label: str | None, created_at: int, last_used_at: int | None
) -> Members:
    return {
        "id": id,
        "kind": kind,
        "label": label,
        "created_at": created_at,
        "last_used_at": last_used_at,
        "left": None,
    }
