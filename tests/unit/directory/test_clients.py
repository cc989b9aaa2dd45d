"""Clients: their secrets, their snapshot in the cache, and what ends with them."""

import pytest

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import client_secrets, clients
from app.directory.clients import ClientView, check_secret
from app.directory.errors import BadValue, NotFound, StaleRow
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user
from tests.unit.directory.test_people import live_families, sign_in


def registered(tenant: Tenant) -> tuple[ClientView, str]:
    with write(tenant.id) as session:
        client, secret = clients.create(
            session, CLI, name="Shop", redirect_uris=["https://app.example/cb"]
        )
    assert secret is not None
    return client, secret


def cached(tenant: Tenant, client_id: str) -> ClientView:
    found = clients.get(tenant.id, client_id)
    assert found is not None
    return found


def test_client_is_found_in_its_tenant_only(tenant: Tenant, other_tenant: Tenant) -> None:
    client, _ = registered(tenant)
    assert cached(tenant, client.id) == client
    assert clients.get(other_tenant.id, client.id) is None


@pytest.mark.parametrize("client_id", ["", "x", "x" * 10_000, "cli_\x00", "' OR 1=1 --"])
def test_unknown_client_id_is_nobody(tenant: Tenant, client_id: str) -> None:
    assert clients.get(tenant.id, client_id) is None


def test_secret_is_good_for_its_client_only_and_never_stored(tenant: Tenant) -> None:
    (one, secret), (two, _) = registered(tenant), registered(tenant)
    assert check_secret(one, secret)
    assert not check_secret(two, secret)
    assert not check_secret(one, "")
    assert not check_secret(one, "é" * 43)
    assert secret not in repr(one)


@pytest.mark.parametrize("kind", ["spa", "native"])
def test_public_client_has_no_secret(tenant: Tenant, kind: clients.Kind) -> None:
    with write(tenant.id) as session:
        client, secret = clients.create(session, CLI, name="App", kind=kind)
    assert secret is None
    assert (client.is_public, client.auth_method) == (True, "none")
    assert not check_secret(client, "")
    with pytest.raises(BadValue), write(tenant.id) as session:
        client_secrets.rotate(session, CLI, client.id)
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.update(session, CLI, client.id, requires_pkce=False)
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.update(session, CLI, client.id, auth_method="client_secret_basic")


def test_rotated_secret_overlaps_as_long_as_asked(tenant: Tenant) -> None:
    client, old = registered(tenant)
    with write(tenant.id) as session:
        new = client_secrets.rotate(session, CLI, client.id, overlap=60)
    renewed = cached(tenant, client.id)
    assert check_secret(renewed, old)
    assert check_secret(renewed, new)
    clock.move(61)
    assert not check_secret(renewed, old)
    assert check_secret(renewed, new)


def test_rotation_without_overlap_ends_the_old_secret_at_once(tenant: Tenant) -> None:
    client, old = registered(tenant)
    with write(tenant.id) as session:
        client_secrets.rotate(session, CLI, client.id, overlap=3_600)
        new = client_secrets.rotate(session, CLI, client.id)
    renewed = cached(tenant, client.id)
    assert not check_secret(renewed, old)
    assert check_secret(renewed, new)


def test_x06_two_secrets_are_good_at_most_and_are_listed_without_their_values(
    tenant: Tenant,
) -> None:
    client, first = registered(tenant)
    with write(tenant.id) as session:
        second = client_secrets.rotate(session, CLI, client.id, overlap=3_600)
        third = client_secrets.rotate(session, CLI, client.id, overlap=600)
        listed = client_secrets.list_good(session, client.id)
    known = cached(tenant, client.id)
    assert [check_secret(known, each) for each in (first, second, third)] == [False, True, True]
    assert [each.expires_at for each in listed] == [None, listed[1].expires_at]
    assert not any(secret in repr(listed) for secret in (first, second, third))
    assert not any(digest.digest in repr(listed) for digest in known.secret_digests)


def test_old_secret_ends_now_and_the_newest_never(tenant: Tenant) -> None:
    client, old = registered(tenant)
    with write(tenant.id) as session:
        new = client_secrets.rotate(session, CLI, client.id, overlap=3_600)
        newest, replaced = client_secrets.list_good(session, client.id)
        client_secrets.end(session, CLI, client.id, replaced.id)
    known = cached(tenant, client.id)
    assert [check_secret(known, each) for each in (old, new)] == [False, True]
    with pytest.raises(BadValue), write(tenant.id) as session:
        client_secrets.end(session, CLI, client.id, newest.id)
    with pytest.raises(NotFound), write(tenant.id) as session:
        client_secrets.end(session, CLI, client.id, replaced.id)


def test_old_secret_of_another_client_is_none_of_it(tenant: Tenant) -> None:
    (one, _), (two, _) = registered(tenant), registered(tenant)
    with write(tenant.id) as session:
        client_secrets.rotate(session, CLI, one.id, overlap=3_600)
        _, replaced = client_secrets.list_good(session, one.id)
    with pytest.raises(NotFound), write(tenant.id) as session:
        client_secrets.end(session, CLI, two.id, replaced.id)


@pytest.mark.parametrize("overlap", [-1, client_secrets.LONGEST_OVERLAP + 1])
def test_overlap_has_its_limits(tenant: Tenant, overlap: int) -> None:
    client, old = registered(tenant)
    with pytest.raises(BadValue), write(tenant.id) as session:
        client_secrets.rotate(session, CLI, client.id, overlap=overlap)
    assert check_secret(cached(tenant, client.id), old)


def test_clients_are_searched_by_name_or_id(tenant: Tenant) -> None:
    (shop, _), (other, _) = registered(tenant), registered(tenant)
    with write(tenant.id) as session:
        clients.update(session, CLI, other.id, name="100% Reports")
    with read(tenant.id) as session:
        found = {
            text: [each.id for each in clients.list_page(session, search=text).items]
            for text in ("hop", "SHOP", "100%", "%", shop.id, "nothing")
        }
    assert found == {
        "hop": [shop.id],
        "SHOP": [shop.id],
        "100%": [other.id],
        "%": [other.id],
        shop.id: [shop.id],
        "nothing": [],
    }


def test_disabled_client_shows_at_once_in_this_process(tenant: Tenant) -> None:
    client, _ = registered(tenant)
    assert cached(tenant, client.id).is_active
    with write(tenant.id) as session:
        clients.disable(session, CLI, client.id)
    assert not cached(tenant, client.id).is_active
    with write(tenant.id) as session:
        clients.enable(session, CLI, client.id)
    assert cached(tenant, client.id).is_active


def test_disabling_a_client_revokes_its_families(tenant: Tenant) -> None:
    jane = make_user(tenant)
    sign_in(tenant, jane)
    assert live_families(tenant, jane) == 1
    with read(tenant.id) as session:
        (client,) = clients.list_page(session).items
    with write(tenant.id) as session:
        clients.disable(session, CLI, client.id)
    assert live_families(tenant, jane) == 0


def test_removed_client_is_gone_with_all_it_had(tenant: Tenant) -> None:
    sign_in(tenant, make_user(tenant))
    with read(tenant.id) as session:
        (client,) = clients.list_page(session).items
    with write(tenant.id) as session:
        clients.remove(session, CLI, client.id)
    assert clients.get(tenant.id, client.id) is None
    with pytest.raises(NotFound), write(tenant.id) as session:
        clients.remove(session, CLI, client.id)


def test_stale_row_version_is_refused(tenant: Tenant) -> None:
    client, _ = registered(tenant)
    with write(tenant.id) as session:
        assert clients.update(session, CLI, client.id, row_version=1, name="Store") == 2
    with pytest.raises(StaleRow), write(tenant.id) as session:
        clients.update(session, CLI, client.id, row_version=1, name="Shop")
    assert cached(tenant, client.id).name == "Store"


@pytest.mark.parametrize("name", ["", " ", "\u202e", "\r\n"])
def test_name_must_show(tenant: Tenant, name: str) -> None:
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.create(session, CLI, name=name)


def test_unknown_scope_is_refused(tenant: Tenant) -> None:
    with pytest.raises(BadValue), write(tenant.id) as session:
        clients.create(session, CLI, name="Shop", scopes=["openid", "admin"])


def test_listed_clients_carry_their_own_secrets(tenant: Tenant) -> None:
    made = [registered(tenant) for _ in range(3)]
    with read(tenant.id) as session:
        listed = clients.list_page(session, limit=2)
        rest = clients.list_page(session, after=listed.next_cursor, limit=2)
    found = {view.id: view for view in (*listed.items, *rest.items)}
    assert all(check_secret(found[view.id], secret) for view, secret in made)
    assert len(listed.items) == 2
    assert rest.next_cursor is None
