"""`authpage user`: people of a tenant."""

from typing import Any

import click

from app.actor import CLI
from app.addresses import parse_email
from app.cli.factors import group as factors_group
from app.cli.groups import Group
from app.cli.options import ON_OR_OFF, JsonObject, confirmed, for_tenant, pages
from app.cli.output import Listing, Record, members_of, prints, readable
from app.cli.passwords import given_password, hash_of
from app.cli.people_named import person_called
from app.cli.recovery import group as recovery_group
from app.database import Session, read, write
from app.directory import (
    memberships,
    people,
    people_search,
    people_status,
    required_factors,
    required_passwords,
)
from app.directory.people import Profile
from app.directory.people_search import Status, Wish
from app.directory.tenants import Tenant

_SHOWN = (
    "status",
    "display_name",
    "locale",
    "is_anonymous",
    "created_at",
    "updated_at",
    "last_signed_in_at",
    "row_version",
    "public_metadata",
    "private_metadata",
)
_named = click.argument("who", metavar="USER")
group = Group("user", help="People: USER is an id or an email address.")
group.add_command(recovery_group)
group.add_command(factors_group)


@group.command("create")
@click.option("--email", required=True, metavar="ADDRESS")
@click.option("--verified", is_flag=True, help="The address is known to be theirs.")
@click.option("--password", help="Better: --password-stdin, which other users cannot see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--name", help="The name that is shown.")
@click.option("--locale", help="Language, such as en or de.")
@click.option("--public-metadata", type=JsonObject(), help="Shown to clients.")
@click.option("--private-metadata", type=JsonObject(), help="Never shown to clients.")
@prints
@for_tenant
def create(
    tenant: Tenant,
    email: str,
    verified: bool,
    password: str | None,
    password_stdin: bool,
    name: str | None,
    locale: str | None,
    public_metadata: dict[str, Any] | None,
    private_metadata: dict[str, Any] | None,
) -> Record:
    """Make a user."""
    address = parse_email(email)
    chosen = given_password(password, from_stdin=password_stdin)
    hashed = None if chosen is None else hash_of(tenant, address, chosen)
    with write(tenant.id) as session:
        user_id = people.create(
            session,
            CLI,
            email=address,
            email_verified=verified,
            display_name=name,
            locale=locale,
            password_hash=hashed,
            public_metadata=public_metadata,
            private_metadata=private_metadata,
        )
    return _shown(tenant, user_id, f"Created {address.value}.")


@group.command("require-mfa")
@_named
@click.argument("wanted", type=ON_OR_OFF)
@prints
@for_tenant
def require_mfa(tenant: Tenant, who: str, wanted: str) -> Record:
    """Ask a second factor of one user, whatever is asked of everybody: on or off."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        required_factors.of_user(session, CLI, user_id, required=wanted == "on")
    return Record({"id": user_id, "mfa_required": wanted == "on"}, "Changed.")


@group.command("list")
@click.option("--email-contains", metavar="TEXT")
@pages
@prints
@for_tenant
def list_(tenant: Tenant, email_contains: str | None, after: str | None, limit: int) -> Listing:
    """List users, newest first."""
    with read(tenant.id) as session:
        page = people.list_page(session, after, limit, email_contains)
    columns = ("id", "email", "email_verified", "display_name", "status", "last_signed_in_at")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("search")
@click.argument("text", metavar="TEXT")
@click.option("--status", type=click.Choice(["active", "disabled", "leaving", "anonymous"]))
@pages
@prints
@for_tenant
def search(
    tenant: Tenant, text: str, status: Status | None, after: str | None, limit: int
) -> Listing:
    """Find users whose name, email, phone, username or id begins with TEXT, newest first."""
    wish = Wish(text=text, status=status or "")
    with read(tenant.id) as session:
        page = people_search.list_page(session, tenant, wish, after, limit)
    columns = ("id", "display_name", "email", "phone", "username", "status", "last_signed_in_at")
    return Listing([members_of(each) for each in page.items], columns, page.next_cursor)


@group.command("require-password")
@_named
@click.argument("wanted", type=ON_OR_OFF)
@click.option("--sign-out", is_flag=True, help="End everything the user is signed in to now.")
@prints
@for_tenant
def require_password(tenant: Tenant, who: str, wanted: str, sign_out: bool) -> Record:
    """Have a user choose another password at the next sign-in: on or off."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        if wanted == "on":
            required_passwords.require(session, CLI, user_id, ends_sessions=sign_out)
        else:
            required_passwords.withdraw(session, CLI, user_id)
    return Record({"id": user_id, "password_required": wanted == "on"}, "Changed.")


@group.command("show")
@_named
@prints
@for_tenant
def show(tenant: Tenant, who: str) -> Record:
    """Show one user."""
    with read(tenant.id) as session:
        user_id = person_called(session, who).user_id
    return _shown(tenant, user_id)


@group.command("update")
@_named
@click.option("--name", help="The name that is shown; empty: none.")
@click.option("--locale", help="Language; empty: none.")
@click.option("--public-metadata", type=JsonObject())
@click.option("--private-metadata", type=JsonObject())
@prints
@for_tenant
def update(
    tenant: Tenant,
    who: str,
    name: str | None,
    locale: str | None,
    public_metadata: dict[str, Any] | None,
    private_metadata: dict[str, Any] | None,
) -> Record:
    """Change what is given; metadata is replaced whole."""
    profile: Profile = {}
    if name is not None:
        profile["display_name"] = name or None
    if locale is not None:
        profile["locale"] = locale or None
    given = {"public_metadata": public_metadata, "private_metadata": private_metadata}
    metadata = {key: value for key, value in given.items() if value is not None}
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        if profile:
            people.update(session, CLI, user_id, **profile)
        if metadata:
            people.update_metadata(session, CLI, user_id, **metadata)  # type: ignore[arg-type]
    return _shown(tenant, user_id, "Changed.")


@group.command("set-password")
@_named
@click.option("--password", help="Better: --password-stdin, which other users cannot see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@prints
@for_tenant
def set_password(tenant: Tenant, who: str, password: str | None, password_stdin: bool) -> Record:
    """Set or replace the password. Ends everything the user is signed in to."""
    chosen = given_password(password, from_stdin=password_stdin)
    if chosen is None:
        chosen = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with read(tenant.id) as session:
        person = person_called(session, who)
    address = parse_email(person.email) if person.email else None
    hashed = hash_of(tenant, address, chosen)
    with write(tenant.id) as session:
        people.set_password(session, CLI, person.user_id, hashed)
    return _shown(tenant, person.user_id, "The password is set, and all sessions are ended.")


@group.command("verify")
@_named
@prints
@for_tenant
def verify(tenant: Tenant, who: str) -> Record:
    """Note that the address belongs to this user; password and sessions stay."""
    with write(tenant.id) as session:
        person = person_called(session, who)
        if person.identifier_id:
            # Whoever runs the command vouches for the account as it is: nobody is evicted.
            people.verify_email(
                session, CLI, person.user_id, person.identifier_id, proved_password=True
            )
    return _shown(tenant, person.user_id, "Verified.")


@group.command("disable")
@_named
@prints
@for_tenant
def disable(tenant: Tenant, who: str) -> Record:
    """Let a user sign in no more, and end what they are signed in to."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        people_status.disable(session, CLI, user_id)
    return _shown(tenant, user_id, "Disabled.")


@group.command("enable")
@_named
@prints
@for_tenant
def enable(tenant: Tenant, who: str) -> Record:
    """Let a disabled user sign in again."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        people_status.enable(session, CLI, user_id)
    return _shown(tenant, user_id, "Enabled.")


@group.command("remove")
@_named
@confirmed("Erase all personal data of this user for good?")
@prints
@for_tenant
def remove(tenant: Tenant, who: str) -> Record:
    """Erase a user's personal data for good; the id is never given to anybody else."""
    with write(tenant.id) as session:
        user_id = person_called(session, who).user_id
        people_status.erase(session, CLI, user_id)
    return Record({"id": user_id, "status": "erased"}, "Erased.")


def _shown(tenant: Tenant, user_id: str, title: str = "") -> Record:
    with read(tenant.id) as session:
        return Record({**_members(session, user_id), "tenant": tenant.slug}, title)


def _members(session: Session, user_id: str) -> dict[str, Any]:
    person, row = people.snapshot_of(session, user_id), people.get(session, user_id)
    assert person is not None
    return {
        "id": user_id,
        "email": person.email,
        "email_verified": person.email_verified,
        "has_password": person.password_hash is not None,
        **{name: readable(name, getattr(row, name)) for name in _SHOWN},
        "organizations": [
            {"id": each.organization_id, "slug": each.slug, "roles": list(each.roles)}
            for each in memberships.of_user(session, user_id)
        ],
    }
