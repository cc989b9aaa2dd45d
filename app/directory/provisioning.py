"""Just-in-time places: whoever an organization's provider proved is its member, by the invitation
that waits for them, with the roles that the provider's groups give, or with the default role."""

from collections.abc import Sequence

from app.actor import SYSTEM, Actor
from app.database import Session
from app.directory import connections, invitation_answers, members, organizations, settings_store
from app.directory import roles as role_rows
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation.identity import Identity


def place(
    session: Session, tenant: Tenant, person: Actor, user_id: str, identity: Identity
) -> None:
    """Make the user a member of the connection's organization, or bring a member's roles into line
    with the groups: mapped roles come and go, others stay. An open invitation to the address that
    the provider vouches for is accepted by it, whose roles count like a member's.

    Does nothing for social connections. `person` is the user as an actor.
    """
    connection = connections.get(session, identity.connection_id)
    if connection is None or connection.organization_id is None:
        return
    organization_id = connection.organization_id
    invitation_answers.accept_for(
        session, person, tenant, user_id, _vouched(identity), organization_id
    )
    given = role_rows.known(session, _of_groups(connection, identity))
    fallback = [_default(session, connection)]
    if organizations.join(session, SYSTEM, organization_id, user_id, given or fallback):
        return
    held = members.roles_of(session, organization_id, user_id)
    wanted = _in_line(connection, held, given)
    if connection.settings.role_of_group and {*wanted} != {*held}:
        organizations.change_roles(session, SYSTEM, organization_id, user_id, wanted or fallback)


def roles_to_be(
    session: Session, tenant: Tenant, connection: Connection, identity: Identity
) -> list[str]:
    """The roles with which somebody who is no member yet would be placed."""
    assert connection.organization_id is not None
    given = role_rows.known(session, _of_groups(connection, identity))
    invited = invitation_answers.roles_for(
        session, tenant, _vouched(identity), connection.organization_id
    )
    return _in_line(connection, invited, given) or [_default(session, connection)]


def _vouched(identity: Identity) -> list[str]:
    """The address, where the provider may vouch for it and did."""
    return [identity.email] if identity.email and identity.email_verified else []


def _of_groups(connection: Connection, identity: Identity) -> list[str]:
    """The roles that the person's groups give, each once, in the order of the mapping."""
    held = {*identity.groups}
    mapping = connection.settings.role_of_group
    return list(dict.fromkeys(role for group, role in mapping.items() if group in held))


def _in_line(connection: Connection, held: Sequence[str], given: Sequence[str]) -> list[str]:
    """What is held, but of the roles that groups give only those that they do give."""
    mapped = {*connection.settings.role_of_group.values()}
    return [*(role for role in held if role not in mapped), *given]


def _default(session: Session, connection: Connection) -> str:
    wanted = connection.settings.default_role
    if wanted and role_rows.known(session, [wanted]):
        return wanted
    return settings_store.load(session).organizations.default_role
