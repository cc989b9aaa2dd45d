"""Organizations, members, roles and grants."""

import pytest

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import clients, grants, members, memberships, organizations, roles
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.permissions import Forbidden
from app.directory.roles import RoleInUse
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user
from tests.unit.directory.test_people import live_families, sign_in


def founded(tenant: Tenant, name: str = "Acme", creator_id: str | None = None) -> str:
    with write(tenant.id) as session:
        return organizations.create(session, CLI, name=name, creator_id=creator_id)


def test_memberships_name_roles_and_count_members(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    acme, _ = founded(tenant, "Acme", jane.id), founded(tenant, "Beta", bob.id)
    with write(tenant.id) as session:
        assert organizations.join(session, CLI, acme, bob.id, ["member"])
        assert not organizations.join(session, CLI, acme, bob.id, ["owner"])
    with read(tenant.id) as session:
        found = memberships.of_user(session, bob.id)
    assert [(each.name, each.roles, each.member_count) for each in found] == [
        ("Acme", ("member",), 2),
        ("Beta", ("owner",), 1),
    ]


def test_nobody_acts_for_a_disabled_organization(tenant: Tenant) -> None:
    jane = make_user(tenant)
    acme = founded(tenant, creator_id=jane.id)
    with write(tenant.id) as session:
        organizations.disable(session, CLI, acme)
    with read(tenant.id) as session:
        assert memberships.of_user(session, jane.id) == []
    with write(tenant.id) as session:
        organizations.enable(session, CLI, acme)
    with read(tenant.id) as session:
        assert len(memberships.of_user(session, jane.id)) == 1


def test_slug_comes_from_the_name_and_stays_unique(tenant: Tenant) -> None:
    first, second = founded(tenant, "Müller & Söhne"), founded(tenant, "Müller & Söhne")
    third = founded(tenant, "日本")
    with read(tenant.id) as session:
        slugs = [organizations.get(session, each) for each in (first, second, third)]
    found = [each.slug for each in slugs if each]
    assert found[0] == "muller-sohne"
    assert found[1].startswith("muller-sohne-")
    assert found[2] == "org"


def test_wished_slug_is_taken_or_fits_not(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        made = organizations.create(session, CLI, name="Acme", slug="acme")
    with read(tenant.id) as session:
        by_slug = organizations.by_slug_or_id(session, "acme")
        assert by_slug == organizations.by_slug_or_id(session, made)
        for unknown in ("other", "", "a\x00b", "\ud800", "x" * 10_000, "日本"):
            assert organizations.by_slug_or_id(session, unknown) is None
    with pytest.raises(Taken), write(tenant.id) as session:
        organizations.create(session, CLI, name="Acme", slug="acme")
    with pytest.raises(BadValue), write(tenant.id) as session:
        organizations.create(session, CLI, name="Acme", slug="../acme")


def test_x02_organization_of_another_tenant_is_unknown(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    theirs, jane = founded(other_tenant), make_user(tenant)
    with pytest.raises(NotFound), write(tenant.id) as session:
        organizations.join(session, CLI, theirs, jane.id, ["member"])
    with pytest.raises(NotFound), write(tenant.id) as session:
        organizations.update(session, CLI, theirs, name="Ours")


def test_member_leaves_and_changes_roles(tenant: Tenant) -> None:
    jane = make_user(tenant)
    acme = founded(tenant, creator_id=jane.id)
    with write(tenant.id) as session:
        organizations.change_roles(session, CLI, acme, jane.id, ["admin", "member"])
    with read(tenant.id) as session:
        (member,) = members.list_page(session, acme).items
    assert (member.email, member.roles) == (jane.email, ("admin", "member"))
    with write(tenant.id) as session:
        organizations.leave(session, Actor("user", jane.id), acme, jane.id)
    with pytest.raises(NotFound), write(tenant.id) as session:
        organizations.leave(session, CLI, acme, jane.id)
    with pytest.raises(NotFound), write(tenant.id) as session:
        organizations.change_roles(session, CLI, acme, jane.id, ["member"])


def test_unknown_role_is_refused_everywhere(tenant: Tenant) -> None:
    jane, bob = make_user(tenant), make_user(tenant, "bob")
    acme = founded(tenant, creator_id=jane.id)
    with pytest.raises(BadValue), write(tenant.id) as session:
        organizations.change_roles(session, CLI, acme, jane.id, ["emperor"])
    with pytest.raises(BadValue), write(tenant.id) as session:
        organizations.join(session, CLI, acme, bob.id, ["emperor"])


def test_role_is_made_and_removed_when_nobody_has_it(tenant: Tenant) -> None:
    jane = make_user(tenant)
    acme = founded(tenant, creator_id=jane.id)
    with write(tenant.id) as session:
        roles.create_role(session, CLI, "billing", "Billing")
        organizations.change_roles(session, CLI, acme, jane.id, ["billing"])
    with pytest.raises(RoleInUse), write(tenant.id) as session:
        roles.delete_role(session, CLI, "billing")
    with write(tenant.id) as session:
        organizations.change_roles(session, CLI, acme, jane.id, ["member"])
        roles.delete_role(session, CLI, "billing")
    with pytest.raises(NotFound), write(tenant.id) as session:
        roles.delete_role(session, CLI, "billing")
    with pytest.raises(Taken), write(tenant.id) as session:
        roles.create_role(session, CLI, "owner", "Owner")
    with pytest.raises(BadValue), write(tenant.id) as session:
        roles.create_role(session, CLI, 'a"b', "Bad")


def test_stale_row_version_is_refused(tenant: Tenant) -> None:
    acme = founded(tenant)
    with write(tenant.id) as session:
        assert organizations.update(session, CLI, acme, row_version=1, is_joinable=True) == 2
    with pytest.raises(StaleRow), write(tenant.id) as session:
        organizations.update(session, CLI, acme, row_version=1, is_joinable=False)


def test_organizations_are_listed_by_key(tenant: Tenant) -> None:
    newest = [founded(tenant, f"Acme {number}") for number in range(3)][::-1]
    with read(tenant.id) as session:
        first = organizations.list_page(session, limit=2)
        second = organizations.list_page(session, after=first.next_cursor, limit=2)
    assert [each.id for each in (*first.items, *second.items)] == newest


def test_grant_grows_and_is_remembered(tenant: Tenant) -> None:
    jane = make_user(tenant)
    actor = Actor("user", jane.id)
    with write(tenant.id) as session:
        client, _ = clients.create(session, CLI, name="Shop")
    for scopes in (["openid"], ["openid", "email"], ["openid"]):
        with write(tenant.id) as session:
            grants.remember(session, actor, jane.id, client.id, scopes)
    with read(tenant.id) as session:
        grant = grants.get(session, jane.id, client.id)
        listed = grants.list_of_user(session, jane.id)
    assert grant is not None
    assert (grant.scopes, grant.row_version) == (("email", "openid"), 2)
    assert [(each.client_name, each.id) for each in listed] == [("Shop", grant.id)]


def test_revoked_grant_takes_its_tokens_along(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    sign_in(tenant, jane)
    with read(tenant.id) as session:
        (grant,) = grants.list_of_user(session, jane.id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        grants.revoke(session, Actor("user", bob.id), grant.id)
    with write(tenant.id) as session:
        grants.revoke(session, Actor("user", jane.id), grant.id)
    assert live_families(tenant, jane) == 0
    with pytest.raises(NotFound), write(tenant.id) as session:
        grants.revoke(session, CLI, grant.id)
