"""`authpage user factors`: the second factors of people, seen and taken away."""

from functools import partial

import click

from app.account import passkeys as account_passkeys
from app.account import recovery_codes as account_codes
from app.account import totp
from app.actor import CLI
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Members, Record, prints
from app.cli.people_named import person_called
from app.database import Session, read, write
from app.directory import authenticators, passkeys, recovery_codes, ways_in
from app.directory.tenants import Tenant
from app.directory.ways_in import LastWayIn

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
@click.argument("factor", metavar="FACTOR")
@click.option("--reason", required=True, help="Why, for the audit log.")
@prints
@for_tenant
def remove(tenant: Tenant, who: str, factor: str, reason: str) -> Record:
    """Take a factor away, by its id, or all `recovery_codes`; the person is told. Whoever must have
    a second factor and has none any more sets one up at the next sign-in."""
    with write(tenant.id) as session:
        person = person_called(session, who)
        locale = person.locale or tenant.settings.texts.default_locale
        if factor == "recovery_codes":
            forget = partial(account_codes.forget, session, tenant, CLI, person.user_id)
        elif _is_passkey(session, person.user_id, factor):
            _demand_way_in(session, tenant, person.user_id, factor)
            forget = partial(account_passkeys.forget, session, tenant, CLI, person.user_id, factor)
        else:
            forget = partial(totp.forget, session, tenant, CLI, person.user_id, factor)
        forget(locale=locale, reason=reason)
    return Record({"user_id": person.user_id, "factor": factor}, "Removed; the person was told.")


def _is_passkey(session: Session, user_id: str, id: str) -> bool:
    return any(each.id == id for each in passkeys.list_of_user(session, user_id))


def _demand_way_in(session: Session, tenant: Tenant, user_id: str, id: str) -> None:
    """A passkey may be the last way to sign in, which stays. That a second factor is demanded stops
    nobody here: whoever lost it is to set up another."""
    if not ways_in.remaining(session, tenant, user_id, [id]).first:
        raise LastWayIn


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
