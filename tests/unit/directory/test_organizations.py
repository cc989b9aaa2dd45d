"""Organizations, members, roles and grants."""

import pytest

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import (
    clients,
    domain_claims,
    grants,
    members,
    memberships,
    organization_holdings,
    organization_list,
    organizations,
    people,
    roles,
)
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


def test_list_finds_by_name_slug_and_domain_and_says_what_is_above(tenant: Tenant) -> None:
    jane = make_user(tenant)
    acme, beta = founded(tenant, "Acme Gerüste", jane.id), founded(tenant, "Beta")
    with write(tenant.id) as session:
        domain_claims.claim(session, CLI, beta, "beta-works.example")
        organizations.update(session, CLI, beta, parent_id=acme)
    with read(tenant.id) as session:
        found = {
            text: [each.name for each in organization_list.search(session, text).items]
            for text in ("", "ACME", "beta-w", "%", acme)
        }
        below = organization_list.search(session, parent_id=acme).items
        first = organization_list.search(session, limit=1)
        second = organization_list.search(session, limit=1, after=first.next_cursor)
    assert found == {
        "": ["Beta", "Acme Gerüste"],
        "ACME": ["Acme Gerüste"],
        "beta-w": ["Beta"],
        "%": [],
        acme: ["Acme Gerüste"],
    }
    assert [(each.parent_name, each.members) for each in below] == [("Acme Gerüste", 0)]
    assert [each.name for each in (*first.items, *second.items)] == ["Beta", "Acme Gerüste"]
    assert second.next_cursor is None


def test_x08_list_shows_no_other_tenants_organizations(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    mine, _ = founded(tenant, "Mine"), founded(other_tenant, "Theirs")
    with read(tenant.id) as session:
        assert [each.id for each in organization_list.search(session).items] == [mine]


def test_organization_stands_below_a_real_one_and_never_below_itself(tenant: Tenant) -> None:
    top, middle, low = founded(tenant, "Top"), founded(tenant, "Middle"), founded(tenant, "Low")
    with write(tenant.id) as session:
        organizations.update(session, CLI, middle, parent_id=top)
        organizations.update(session, CLI, low, parent_id=middle)
    for parent in (top, low, "org_none"):
        with pytest.raises(BadValue), write(tenant.id) as session:
            organizations.update(session, CLI, top, parent_id=parent)
    with pytest.raises(BadValue), write(tenant.id) as session:
        organizations.create(session, CLI, name="Lost", parent_id="org_none")
    with write(tenant.id) as session:
        organizations.update(session, CLI, middle, parent_id=None)
        assert organization_holdings.count(session, top).below == 0


def test_slug_changes_to_a_free_one(tenant: Tenant) -> None:
    acme, _ = founded(tenant, "Acme"), founded(tenant, "Beta")
    with pytest.raises(Taken), write(tenant.id) as session:
        organizations.update(session, CLI, acme, slug="beta")
    with write(tenant.id) as session:
        organizations.update(session, CLI, acme, slug="acme")
        organizations.update(session, CLI, acme, slug="acme-two")
    with read(tenant.id) as session:
        found = organizations.get(session, acme)
    assert found is not None
    assert found.slug == "acme-two"


def test_members_are_found_by_name_and_address(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    acme = founded(tenant, creator_id=jane.id)
    with write(tenant.id) as session:
        organizations.join(session, CLI, acme, bob.id, ["member"])
        people.update(session, CLI, bob.id, display_name="Robert Smith")
    with read(tenant.id) as session:
        by_text = {
            text: [each.user_id for each in members.list_page(session, acme, text=text).items]
            for text in ("JANE@", "smith", "nobody")
        }
        owners = members.with_role(session, acme, "owner")
    assert by_text == {"JANE@": [jane.id], "smith": [bob.id], "nobody": []}
    assert [each.user_id for each in owners] == [jane.id]


def test_role_that_new_members_get_stays(tenant: Tenant) -> None:
    for key in ("member", "owner"):
        with pytest.raises(RoleInUse), write(tenant.id) as session:
            roles.delete_role(session, CLI, key)
