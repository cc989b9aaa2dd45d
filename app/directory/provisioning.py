"""Just-in-time places: whoever an organization's provider proved is its member, with the roles that
the provider's groups give."""

from app.actor import Actor
from app.database import Session
from app.directory import connections, members, organizations, settings_store
from app.directory import roles as role_rows
from app.directory.connections import Connection
from app.federation.identity import Identity


def place(session: Session, actor: Actor, identity: Identity, user_id: str) -> None:
    """Make the user a member of the connection's organization, or bring a member's roles into line
    with the groups: mapped roles come and go, others stay. Does nothing for social connections."""
    connection = connections.get(session, identity.connection_id)
    if connection is None or connection.organization_id is None:
        return
    organization_id = connection.organization_id
    given = role_rows.known(session, _of_groups(connection, identity))
    fallback = [_default(session, connection)]
    if organizations.join(session, actor, organization_id, user_id, given or fallback):
        return
    held = members.roles_of(session, organization_id, user_id)
    mapped = {*connection.settings.role_of_group.values()}
    wanted = [role for role in held if role not in mapped] + given
    if mapped and {*wanted} != {*held}:
        organizations.change_roles(session, actor, organization_id, user_id, wanted or fallback)


def roles_to_be(session: Session, connection: Connection, identity: Identity) -> list[str]:
    """The roles with which somebody who is new would be placed."""
    given = role_rows.known(session, _of_groups(connection, identity))
    return given or [_default(session, connection)]


def _of_groups(connection: Connection, identity: Identity) -> list[str]:
    """The roles that the person's groups give, each once, in the order of the mapping."""
    held = {*identity.groups}
    mapping = connection.settings.role_of_group
    return list(dict.fromkeys(role for group, role in mapping.items() if group in held))


def _default(session: Session, connection: Connection) -> str:
    wanted = connection.settings.default_role
    if wanted and role_rows.known(session, [wanted]):
        return wanted
    return settings_store.load(session).organizations.default_role
