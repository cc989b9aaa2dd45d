"""An admin of one organization runs it, and reaches nothing else; nobody gives what they lack."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actor import CLI, Actor
from app.database import Session, read, write
from app.directory import (
    connections,
    domain_claims,
    invitations,
    members,
    organizations,
    organizations_policy,
    roles,
    setup_access,
)
from app.directory.connection_settings import OidcSettings
from app.directory.permissions import Forbidden
from app.directory.settings import OrganizationPolicy
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user
from tests.unit.directory.test_organizations import founded

THEIRS = OidcSettings(issuer="https://idp.example", client_id="authpage", email_is_proof="domain")


def _admin(organization_id: str | None, role: str = "organization_admin") -> Actor:
    return Actor("admin", "usr_a", roles=frozenset({role}), organization_id=organization_id)


def _connected(tenant: Tenant, organization_id: str, settings: OidcSettings = THEIRS) -> str:
    with write(tenant.id) as session:
        return connections.create(
            session,
            CLI,
            provider="generic",
            name="IdP",
            settings=settings,
            organization_id=organization_id,
        )


def test_organization_admin_runs_their_own_organization(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    acme = founded(tenant, creator_id=jane.id)
    admin, connection = _admin(acme), _connected(tenant, acme)
    with write(tenant.id) as session:
        organizations.join(session, CLI, acme, bob.id, ["member"])
        roles.create_role(session, CLI, "billing", "Billing")
        organizations.change_roles(session, admin, acme, bob.id, ["member", "billing"])
        sent = invitations.invite(session, admin, tenant, acme, "eve@example.com")
        again = invitations.invite_again(session, admin, tenant, sent.id)
        invitations.revoke(session, admin, again.id)
        domain_claims.claim(session, admin, acme, "acme.example")
        organizations_policy.set_policy(session, admin, acme, OrganizationPolicy(mfa="required"))
        connections.set_status(session, admin, connection, "active")
        link, _ = setup_access.create_link(session, admin, tenant, acme)
        setup_access.revoke_link(session, admin, tenant, link.id)
        connections.remove(session, admin, connection)
        organizations.leave(session, admin, acme, bob.id)
    with read(tenant.id) as session:
        assert members.find(session, acme, bob.id) is None
        assert connections.get(session, connection) is None


Act = Callable[[Session, Actor, Tenant, dict[str, str]], Any]
ELSEWHERE: dict[str, Act] = {
    "change roles": lambda session, actor, _, ids: organizations.change_roles(
        session, actor, ids["org"], ids["user"], ["member"]
    ),
    "remove a member": lambda session, actor, _, ids: organizations.leave(
        session, actor, ids["org"], ids["user"]
    ),
    "invite": lambda session, actor, tenant, ids: invitations.invite(
        session, actor, tenant, ids["org"], "eve@example.com"
    ),
    "invite again": lambda session, actor, tenant, ids: invitations.invite_again(
        session, actor, tenant, ids["invitation"]
    ),
    "revoke": lambda session, actor, _, ids: invitations.revoke(session, actor, ids["invitation"]),
    "claim": lambda session, actor, _, ids: domain_claims.claim(
        session, actor, ids["org"], "other.example"
    ),
    "give up a domain": lambda session, actor, _, ids: domain_claims.remove(
        session, actor, ids["domain"]
    ),
    "connect": lambda session, actor, _, ids: connections.create(
        session, actor, provider="generic", name="x", settings=THEIRS, organization_id=ids["org"]
    ),
    "change a connection": lambda session, actor, _, ids: connections.update(
        session, actor, ids["connection"], name="x"
    ),
    "switch a connection": lambda session, actor, _, ids: connections.set_status(
        session, actor, ids["connection"], "active"
    ),
    "remove a connection": lambda session, actor, _, ids: connections.remove(
        session, actor, ids["connection"]
    ),
    "set the policy": lambda session, actor, _, ids: organizations_policy.set_policy(
        session, actor, ids["org"], OrganizationPolicy()
    ),
    "make a link": lambda session, actor, tenant, ids: setup_access.create_link(
        session, actor, tenant, ids["org"]
    ),
    "take back a link": lambda session, actor, tenant, ids: setup_access.revoke_link(
        session, actor, tenant, ids["link"]
    ),
}


@pytest.fixture
def theirs(tenant: Tenant) -> dict[str, str]:
    """Another organization, with one of everything."""
    bob = make_user(tenant, "bob")
    other = founded(tenant, "Other", bob.id)
    connection = _connected(tenant, other)
    with write(tenant.id) as session:
        claim = domain_claims.claim(session, CLI, other, "other.example")
        sent = invitations.invite(session, CLI, tenant, other, "eve@example.com")
        link, _ = setup_access.create_link(session, CLI, tenant, other)
    return {
        "org": other,
        "user": bob.id,
        "connection": connection,
        "domain": claim.id,
        "invitation": sent.id,
        "link": link.id,
    }


def test_x02_organization_admin_does_nothing_in_another_one(
    tenant: Tenant, theirs: dict[str, str]
) -> None:
    admin = _admin(founded(tenant))
    for act in ELSEWHERE.values():
        with pytest.raises(Forbidden), write(tenant.id) as session:
            act(session, admin, tenant, theirs)


def test_organization_admin_has_no_say_in_what_is_the_tenants(tenant: Tenant) -> None:
    acme, jane = founded(tenant), make_user(tenant)
    admin = _admin(acme)
    tenant_wide: list[Callable[[Session], Any]] = [
        lambda session: organizations.create(session, admin, name="Mine"),
        lambda session: organizations.update(session, admin, acme, name="Mine"),
        lambda session: organizations.disable(session, admin, acme),
        lambda session: organizations.remove(session, admin, acme),
        # They invite: who has an account here, and wants to come, is not theirs to know.
        lambda session: organizations.join(session, admin, acme, jane.id, ["member"]),
        lambda session: roles.create_role(session, admin, "mine", "Mine"),
        lambda session: connections.create(
            session, admin, provider="google", name="Google", settings=THEIRS
        ),
    ]
    for act in tenant_wide:
        with pytest.raises(Forbidden), write(tenant.id) as session:
            act(session)


@pytest.mark.parametrize("role", ["support", "developer", "viewer"])
def test_x04_no_lesser_admin_gives_roles(tenant: Tenant, role: str) -> None:
    jane = make_user(tenant)
    acme = founded(tenant, creator_id=jane.id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        organizations.change_roles(session, _admin(None, role), acme, jane.id, ["member"])
    with pytest.raises(Forbidden), write(tenant.id) as session:
        invitations.invite(session, _admin(None, role), tenant, acme, "eve@example.com")


def test_x04_organization_admin_makes_and_ends_no_owner(tenant: Tenant) -> None:
    """The role of the creator is the tenant's to give, whichever way it is given."""
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    acme = founded(tenant, creator_id=jane.id)
    admin = _admin(acme)
    with write(tenant.id) as session:
        organizations.join(session, CLI, acme, bob.id, ["member"])
    beyond: list[Callable[[Session], Any]] = [
        lambda session: organizations.change_roles(session, admin, acme, bob.id, ["owner"]),
        lambda session: organizations.change_roles(session, admin, acme, jane.id, ["member"]),
        lambda session: organizations.leave(session, admin, acme, jane.id),
        lambda session: invitations.invite(
            session, admin, tenant, acme, "eve@example.com", roles=["owner"]
        ),
    ]
    for act in beyond:
        with pytest.raises(Forbidden), write(tenant.id) as session:
            act(session)
    with write(tenant.id) as session:
        organizations.change_roles(session, _admin(None, "admin"), acme, bob.id, ["owner"])


@pytest.mark.parametrize(
    "wish",
    [
        {"default_role": "owner"},
        {"role_of_group": {"bosses": "owner"}},
        {"trusts_mfa": True},
        {"email_is_proof": "always"},
        {"email_is_proof": "claim"},
    ],
    ids=str,
)
def test_x04_organization_admin_gives_nothing_by_a_provider_either(
    tenant: Tenant, wish: dict[str, Any]
) -> None:
    """A06: nor does a company's provider vouch for addresses that are not proven to be its own."""
    acme = founded(tenant)
    admin, connection = _admin(acme), _connected(tenant, acme)
    wished = OidcSettings.model_validate({**THEIRS.model_dump(), **wish})
    with pytest.raises(Forbidden), write(tenant.id) as session:
        connections.update(session, admin, connection, settings=wished)
    settled = _connected(tenant, acme, wished)
    with write(tenant.id) as session:  # What the tenant's admin settled may stay.
        connections.update(session, admin, settled, settings=wished, name="Renamed")
