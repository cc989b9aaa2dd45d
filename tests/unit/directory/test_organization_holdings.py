"""What an organization's end and its rest mean for its connections."""

import pytest
from sqlalchemy import func, select

from app.actor import CLI
from app.database import write
from app.directory import (
    connections,
    domain_claims,
    invitations,
    linked_identities,
    organization_holdings,
    organizations,
    upstream_reports,
    upstream_sessions,
)
from app.directory.connection_settings import OidcSettings
from app.directory.errors import NotFound
from app.directory.organization_holdings import Holdings
from app.directory.tenants import Tenant
from app.directory.upstream_sessions import Login
from app.models import Connection, LinkedIdentity, UpstreamReport, UpstreamSession
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


def test_holdings_are_counted(tenant: Tenant) -> None:
    organization, _ = _connected(tenant, "Counted")
    jane = make_user(tenant)
    with write(tenant.id) as session:
        organizations.join(session, CLI, organization, jane.id, ["member"])
        domain_claims.claim(session, CLI, organization, "counted.example")
        invitations.invite(session, CLI, tenant, organization, "eve@example.com")
        spent = invitations.invite(session, CLI, tenant, organization, "bob@example.com")
        invitations.revoke(session, CLI, spent.id)
        organizations.create(session, CLI, name="Below", parent_id=organization)
        found = organization_holdings.count(session, organization)
    assert found == Holdings(members=1, invitations=1, domains=1, connections=1, below=1)


def test_connection_goes_with_all_that_hangs_on_it(tenant: Tenant) -> None:
    (_, by_gone), (_, by_kept) = _connected(tenant, "Gone"), _connected(tenant, "Kept")
    jane = make_user(tenant)
    for each in (by_gone, by_kept):
        _linked(tenant, jane.id, each)
        with write(tenant.id) as session:
            login = Login(connection_id=each, subject="jane")
            upstream_sessions.keep(session, tenant, "ses_x", jane.id, login)
            upstream_reports.add(session, each, "replayed", {})
    with write(tenant.id) as session:
        connections.remove(session, CLI, by_gone)
    with write(tenant.id) as session:
        for rows in (Connection, LinkedIdentity, UpstreamSession, UpstreamReport):
            query = select(func.count()).select_from(rows).where(rows.tenant_id == tenant.id)
            assert session.scalar(query) == 1, rows
        with pytest.raises(NotFound):
            connections.remove(session, CLI, by_gone)
