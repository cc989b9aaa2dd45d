"""What an organization's end and its rest mean for its connections."""

from sqlalchemy import func, select

from app.actor import CLI
from app.database import write
from app.directory import connections, linked_identities, organizations
from app.directory.connection_settings import OidcSettings
from app.directory.tenants import Tenant
from app.models import Connection, LinkedIdentity
from tests.unit.directory.conftest import make_user

SETTINGS = OidcSettings(issuer="https://idp.example", client_id="authpage")


def _connected(tenant: Tenant, name: str) -> tuple[str, str]:
    """An organization and its active connection."""
    with write(tenant.id) as session:
        organization = organizations.create(session, CLI, name=name)
        connection = connections.create(
            session,
            CLI,
            provider="generic",
            name=name,
            settings=SETTINGS,
            organization_id=organization,
            status="active",
        )
    return organization, connection


def _linked(tenant: Tenant, user_id: str, connection_id: str) -> None:
    with write(tenant.id) as session:
        linked_identities.link(
            session,
            CLI,
            user_id,
            connection_id=connection_id,
            generation=1,
            subject=user_id,
            label=None,
        )


def test_i06_nobody_comes_in_by_a_disabled_organization(tenant: Tenant) -> None:
    organization, connection = _connected(tenant, "Northwind")
    assert connections.find_usable(tenant.id, connection) is not None
    with write(tenant.id) as session:
        organizations.disable(session, CLI, organization)
    assert connections.find_usable(tenant.id, connection) is None
    with write(tenant.id) as session:
        organizations.enable(session, CLI, organization)
    assert connections.find_usable(tenant.id, connection) is not None


def test_connections_and_their_ties_go_with_the_organization(tenant: Tenant) -> None:
    (gone, by_gone), (_, by_kept) = _connected(tenant, "Gone"), _connected(tenant, "Kept")
    jane = make_user(tenant)
    _linked(tenant, jane.id, by_gone)
    _linked(tenant, jane.id, by_kept)
    with write(tenant.id) as session:
        organizations.remove(session, CLI, gone)
    assert [each.id for each in connections.usable(tenant.id)] == [by_kept]
    with write(tenant.id) as session:
        for rows, left in ((Connection, 1), (LinkedIdentity, 1)):
            query = select(func.count()).select_from(rows).where(rows.tenant_id == tenant.id)
            assert session.scalar(query) == left
