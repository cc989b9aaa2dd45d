"""Tenants: where they answer, and how a change of one reaches every process."""

import pytest
from flask import Flask

from app import changes, clock, migration
from app.actor import CLI
from app.config import Settings
from app.database import EVERYWHERE, Session, read, write
from app.directory import roles, tenants
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.tenants import Tenant
from app.extensions import db
from app.ids import new_id
from tests.unit.directory.conftest import fresh_tenant, make_app


def host_of_its_own() -> str:
    return f"{new_id('h').replace('_', '')}.localhost:8000"


def made(slug: str, host: str | None = None) -> str:
    with write(EVERYWHERE) as session:
        return tenants.create(session, CLI, slug, "Acme", host=host)


def test_tenant_without_a_host_lives_under_a_path(tenant: Tenant, settings: Settings) -> None:
    assert tenant.issuer == f"{settings.base_url}/t/{tenant.slug}"
    assert tenant.base_url == tenant.issuer
    assert tenant.rp_id == "localhost"
    assert tenants.by_slug(tenant.slug) == tenant
    assert not tenant.is_default


def test_tenant_with_a_host_is_issued_from_there(context: None) -> None:
    host = host_of_its_own()
    made(new_id("t").replace("_", "-"), host)
    found = tenants.by_host(host)
    assert found is not None
    assert found.issuer == f"http://{host}"
    assert found.rp_id == host.partition(":")[0]


def test_further_host_changes_neither_issuer_nor_rp_id(tenant: Tenant) -> None:
    host = host_of_its_own()
    with write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant.id, host)
    found = tenants.by_host(host)
    assert found is not None
    assert (found.issuer, found.rp_id) == (tenant.issuer, tenant.rp_id)
    assert found.hosts == (host,)
    with read(EVERYWHERE) as session:
        assert tenants.hosts_of(session, tenant.id) == [host]


def test_default_tenant_is_at_the_root_of_the_base_url(
    empty_database_url: str, settings: Settings
) -> None:
    app = make_app(empty_database_url, settings)
    with app.app_context():
        migration.upgrade()
        assert tenants.default() is None
        made("default")
        found = tenants.default()
        assert found is not None
        assert found.is_default
        assert found.issuer == settings.base_url
        db.engine.dispose()


@pytest.mark.parametrize("host", ["unknown.example", "", "x" * 5_000, "a\x00b"])
def test_unknown_host_is_no_tenant(context: None, host: str) -> None:
    assert tenants.by_host(host) is None


@pytest.mark.parametrize(
    "host",
    ["", "UPPER.example", "a b", "a/b", "a@b", "-a.example", "a..b", "localhost:8000", "bücher.de"],
)
def test_bad_host_is_refused(context: None, host: str) -> None:
    tenant = fresh_tenant()
    with pytest.raises(BadValue), write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant.id, host)


@pytest.mark.parametrize("slug", ["", "A", "a_b", "-a", "a-", "a/b", "..", "a" * 64, "é", "a\n"])
def test_bad_slug_is_refused(context: None, slug: str) -> None:
    with pytest.raises(BadValue):
        made(slug)


def test_slug_and_host_belong_to_one_tenant(tenant: Tenant) -> None:
    host = host_of_its_own()
    made(new_id("t").replace("_", "-"), host)
    with pytest.raises(Taken):
        made(tenant.slug)
    with pytest.raises(Taken):
        made(new_id("t").replace("_", "-"), host)
    with pytest.raises(Taken), write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant.id, host)


def test_fresh_tenant_knows_three_roles(tenant: Tenant) -> None:
    with read(tenant.id) as session:
        assert [role.key for role in roles.list_roles(session)] == ["owner", "admin", "member"]


def test_change_shows_at_once_in_this_process(tenant: Tenant) -> None:
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, name="New", status="disabled")
    found = tenants.by_id(tenant.id)
    assert found is not None
    assert (found.name, found.is_active) == ("New", False)


def test_change_shows_in_another_process_after_half_a_second(
    tenant: Tenant, directory_app: Flask, settings: Settings
) -> None:
    url = directory_app.config["SQLALCHEMY_DATABASE_URI"]
    elsewhere = make_app(url, settings)
    with elsewhere.app_context():
        assert tenants.by_id(tenant.id) == tenant
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, name="New")
    clock.move(0.5)
    with elsewhere.app_context():
        found = tenants.by_id(tenant.id)
        assert found is not None
        assert found.name == "New"
        db.engine.dispose()


def test_stale_row_version_is_refused(tenant: Tenant) -> None:
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, name="New", row_version=1)
    with pytest.raises(StaleRow), write(EVERYWHERE) as session:
        tenants.update(session, CLI, tenant.id, name="Newer", row_version=1)
    with pytest.raises(NotFound), write(EVERYWHERE) as session:
        tenants.update(session, CLI, "ten_nothing", name="Newer")


def test_tenants_are_listed_by_key(context: None) -> None:
    newest = [fresh_tenant().id for _ in range(3)][::-1]
    with read(EVERYWHERE) as session:
        first = tenants.list_page(session, limit=2)
        second = tenants.list_page(session, after=first.next_cursor, limit=1)
    assert [each.id for each in (*first.items, *second.items)] == newest


def test_cache_forgets_the_one_used_longest_ago(context: None) -> None:
    cache: changes.Cache[str] = changes.Cache("of_a_test", 2)
    loaded: list[str] = []

    def ask(key: str) -> None:
        def load() -> str:
            loaded.append(key)
            return key

        cache.get(key, load)

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert loaded == ["a", "b", "c", "b"]


def test_cache_never_remembers_that_there_was_nothing(context: None) -> None:
    cache: changes.Cache[str] = changes.Cache("of_another_test", 2)
    assert cache.get("a", lambda: None) is None
    assert cache.get("a", lambda: "there") == "there"


def _noted_before_a_failure(session: Session) -> None:
    changes.note(session)
    raise KeyError


def test_rolled_back_change_is_no_change(tenant: Tenant) -> None:
    counter = changes.current()
    with pytest.raises(KeyError), write(EVERYWHERE) as session:
        _noted_before_a_failure(session)
    assert changes.current() == counter
